/** The Node.js versions with what the network code needs: agents with a proxy, and trusted authorities set at run time. */
export const NEEDED = 'Node.js 22 (22.21 or later), or Node.js 24.5 or later';

/** @param {string} version as in process.versions.node */
export const isSupported = version => {
  const [major, minor] = version.split('.').map(Number);
  return major === 22 ? minor >= 21 : major === 24 ? minor >= 5 : major > 24;
};
