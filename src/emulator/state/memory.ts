import { hash } from 'node:crypto';
import type { StateLine } from './journal-line.ts';
import { createStore, type Memory, type TokenUse } from './store.ts';

/** A memory that can be written to a file and restored. */
export type LastingMemory = Memory & {
  /** Adds the content of a line; throws when a record already exists. */
  readonly restore: (line: StateLine) => void;
  /** The whole content, as lines. */
  readonly lines: () => Iterable<StateLine>;
  readonly reset: () => void;
};

/** The limit of ClientTokens for usage that had already been recorded. */
const MAX_PASSING_TOKENS = 10_000;

/** Creates an empty memory. `note` is called with each change by an operation. */
export const createMemory = (note: (line: StateLine) => void): LastingMemory => {
  const store = createStore();
  const clientTokens = new Map<string, TokenUse>();
  const passingTokens = new Map<string, TokenUse>();
  const rememberToken = (token: string, use: TokenUse): void => {
    if (use.isAgain !== true) {
      clientTokens.set(token, use);
      return;
    }
    passingTokens.set(token, use);
    const [oldest] = passingTokens.keys();
    if (passingTokens.size > MAX_PASSING_TOKENS && oldest !== undefined) passingTokens.delete(oldest);
  };
  const usedTokens = new Set<string>();
  const registered = new Set<string>();
  return {
    store: {
      ...store,
      add: (key, entry) => {
        store.add(key, entry);
        note({ records: [{ key, entry }] });
      },
    },
    clientTokens: {
      get: token => clientTokens.get(token) ?? passingTokens.get(token),
      set: (token, use) => {
        rememberToken(token, use);
        note({ tokens: [{ token, use }] });
      },
    },
    usedTokens: {
      has: token => usedTokens.has(digest(token)),
      add: token => {
        usedTokens.add(digest(token));
        note({ usedTokens: [digest(token)] });
      },
    },
    registered: {
      has: name => registered.has(name),
      add: name => {
        if (registered.has(name)) return;
        registered.add(name);
        note({ registered: [name] });
      },
    },
    restore: line => {
      for (const { key, entry } of line.records ?? []) store.add(key, entry);
      for (const { token, use } of line.tokens ?? []) rememberToken(token, use);
      for (const token of line.usedTokens ?? []) usedTokens.add(token);
      for (const name of line.registered ?? []) registered.add(name);
    },
    *lines() {
      for (const [key, entry] of store.entries()) yield { records: [{ key, entry }] };
      for (const [token, use] of [...clientTokens, ...passingTokens]) yield { tokens: [{ token, use }] };
      for (const token of usedTokens) yield { usedTokens: [token] };
      for (const name of registered) yield { registered: [name] };
    },
    reset: () => {
      store.reset();
      clientTokens.clear();
      passingTokens.clear();
      usedTokens.clear();
      registered.clear();
    },
  };
};

/** A registration token is a secret of the buyer, so only a digest is kept. */
const digest = (token: string): string => hash('sha256', token, 'base64url');
