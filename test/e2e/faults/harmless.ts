/** System calls whose failure a start may survive, by the way to them, and why it may. */
const HARMLESS: readonly (readonly [way: RegExp, why: string])[] = [
  [/ close$/, 'what cannot be closed is closed all the same'],
  [
    / (exit|exit_group|getpid|kill|umask|wait4|rseq|set_tid_address|set_robust_list)$/,
    'none that can fail, or that is waited for again',
  ],
  [/ munmap$/, 'memory that is not given back goes with the process'],
  [/ (brk|mmap|getrandom|readlink|prlimit64)$/, 'the C library begins, or has another way to memory'],
  [
    / (newfstatat|fstatfs)$/,
    'what is not known to be the sealed copy is copied once more; C library before it writes',
  ],
  [/ rt_sigaction$/, 'a signal that had its default already'],
  [
    / (setpriority|ioprio_set|sched_setaffinity|ioctl|fchown|fcntl)$/,
    'what the command has without it is not more',
  ],
  [/ prctl$/, 'a name for who looks at processes; a capability that this kernel does not know'],
  [
    / sched_setaffinity( openat| read| close| write)*$/,
    'the OOM score of the caller is no more than its own',
  ],
  [/ uname$/, 'a kernel that is not known gets a mount namespace of ours, which does on any'],
  [/ pread64$/, 'a sysctl that says what it should is told so once more'],
  [/ setsockopt$/, 'words of the kernel about what failed'],
  [/ umask (bind )?unlink$| socket unlink$| unlink$/, 'the socket of a monitor that was killed'],
  [/ signalfd4 fcntl clone close read$/, 'the command is begun, and ends with its init'],
  [/ setpgid$/, 'the command has no group of its own in the foreground'],
  [/ read setsid$/, 'a filter may refuse a session, which costs the command a terminal'],
  [/ (poll|accept4)$/, 'it is asked again'],
  [
    / (recvfrom|poll|sendto)( openat| read| close| eventfd2| write)*$/,
    'how often the group ran out of memory before',
  ],
  [
    /( openat2){2}( prctl( setfsgid setfsuid){2})? fsopen( fsconfig)*( fsmount)?$/,
    'layers are named where they are not taken as fds',
  ],
  [/ (recvfrom|sendto|bind|listen)( bpf)+$/, 'clients of the host come by the relay'],
  [
    / pwrite64 ftruncate( openat| socket| connect| close| flock| umask| unlink| bind| listen| socketpair| clone| sendmsg)*$/,
    'a server of /proc files that cannot be had now is asked again',
  ],
  [
    / newfstatat openat2( newfstatat)?$/,
    'the null device of the host is the mask, where the container’s is not to be had',
  ],
]

/** How processes begin without which a start goes on, or which are begun anew. */
const BESIDE: readonly (readonly [beginning: string, why: string])[] = [
  ['set_robust_list setsid setns setns chdir geteuid', 'another server of /proc files is begun'],
  [
    'set_robust_list dup2 dup2 close_range prctl read',
    'where there is no guard the kernel ends the first process',
  ],
]

/**
 * Why a start may succeed all the same; undefined: it must not. `way`: names of the calls of that process up to the one that failed. The
 * first process is the spawner; the second says by its first word that it is there.
 */
export function whyHarmless(process: number, way: readonly string[]): string | undefined {
  if (process === 0) return 'a spawner that fails is replaced'
  if (process === 1 && !way.slice(0, -1).includes('write')) return 'who was not there yet is asked for again'
  const beside = BESIDE.find(([beginning]) => isSameBeginning(way, beginning.split(' ')))
  if (beside !== undefined) return beside[1]
  const text = ` ${way.slice(-40).join(' ')}`
  return HARMLESS.find(([pattern]) => pattern.test(text))?.[1]
}

function isSameBeginning(way: readonly string[], beginning: readonly string[]): boolean {
  return way.slice(0, beginning.length).every((name, index) => name === beginning[index])
}
