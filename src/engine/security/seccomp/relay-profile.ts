import { ALLOW, EPERM, type Policy, type Rule } from './policy.ts'

const AF_INET = 2
const AF_INET6 = 10
/** O_WRONLY, O_RDWR, O_CREAT, O_TRUNC, O_APPEND. */
const WRITING = 0x1 | 0x2 | 0x40 | 0x200 | 0x400
const PROT_EXEC = 0x4
const F_SETPIPE_SZ = 1031

/** What the relay does once it serves (`native/relay/`), by what it is for. */
const ALLOWED: Readonly<Record<string, string>> = {
  waiting: 'epoll_ctl epoll_wait epoll_pwait clock_gettime restart_syscall',
  sockets: 'connect accept4 recvfrom recvmsg recvmmsg sendto sendmsg shutdown getsockopt setsockopt close',
  streams: 'pipe2 splice',
  'names files': 'read fstat newfstatat',
  memory: 'brk munmap mremap madvise futex',
  others: 'getpid getrandom rt_sigreturn exit exit_group',
}

/**
 * The relay's system calls: it makes Internet sockets, reads the names files, and has memory that cannot be executed. It
 * can neither start a program nor send a signal, nor open for writing. What is refused fails, rather than kills: a C
 * library that makes one more call must not end the names of all containers.
 */
export function relayPolicy(architecture: 'x86_64' | 'aarch64'): Policy {
  const allowed = (text: string): Rule => ({ calls: text.split(' '), action: ALLOW })
  return {
    abis: [architecture],
    rules: [
      ...Object.values(ALLOWED).map(allowed),
      {
        calls: ['socket'],
        action: ALLOW,
        conditions: [{ index: 0, test: 'lowIn', values: [AF_INET, AF_INET6] }],
      },
      {
        calls: ['fcntl'],
        action: ALLOW,
        conditions: [{ index: 1, test: 'lowIn', values: [F_SETPIPE_SZ] }],
      },
      { calls: ['openat'], action: ALLOW, conditions: [{ index: 2, test: 'lowMaskZero', mask: WRITING }] },
      {
        calls: ['mmap', 'mprotect'],
        action: ALLOW,
        conditions: [{ index: 2, test: 'lowMaskZero', mask: PROT_EXEC }],
      },
    ],
    refused: EPERM,
    unknown: EPERM,
  }
}

/** Those of the front door, which has the relay's sessions and listens at ports that come later. */
export function frontPolicy(architecture: 'x86_64' | 'aarch64'): Policy {
  const policy = relayPolicy(architecture)
  return { ...policy, rules: [...policy.rules, { calls: ['bind', 'listen'], action: ALLOW }] }
}
