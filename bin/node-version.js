/** The versions of Node.js that the network code needs: agents with a proxy, and certificates trusted at run time. */
export const NEEDED = 'Node.js 24.5 or later, or Node.js 22 from 22.21 on';

/** @param {string} version as in process.versions.node */
export const isSupported = version => {
  const [major, minor] = version.split('.').map(Number);
  return major === 22 ? minor >= 21 : major === 24 ? minor >= 5 : major > 24;
};
