import { constants, EOL } from 'node:os';

/** `node:os` of a Lambda environment, the same on every machine. */
export function osModule(): Record<string, unknown> {
  return {
    EOL,
    constants,
    arch: () => 'arm64',
    availableParallelism: () => 2,
    cpus: () => [],
    endianness: () => 'LE',
    freemem: () => 400e6,
    homedir: () => '/home/sbx_user1051',
    hostname: () => '169.254.10.1',
    loadavg: () => [0, 0, 0],
    machine: () => 'aarch64',
    networkInterfaces: () => ({}),
    platform: () => 'linux',
    release: () => '6.1.0',
    tmpdir: () => '/tmp',
    totalmem: () => 512e6,
    type: () => 'Linux',
    uptime: () => 60,
    userInfo: () => ({ username: 'sbx_user1051', uid: 993, gid: 990, shell: null, homedir: '/home/sbx_user1051' }),
    version: () => '#1 SMP',
  };
}
