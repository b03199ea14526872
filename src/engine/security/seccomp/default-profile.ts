import type { Abi } from './calls.ts'
import { ALLOW, ENOSYS, EPERM, type Policy, type Rule } from './policy.ts'

/**
 * System calls that every container may make, by what they are for. The set is Docker's (moby/profiles of 2026), so
 * that what runs there runs here.
 */
const ALLOWED: Readonly<Record<string, string>> = {
  files: `
    access chdir chmod chown chown32 close close_range copy_file_range creat dup dup2 dup3 faccessat faccessat2
    fadvise64 fadvise64_64 fallocate fchdir fchmod fchmodat fchmodat2 fchown fchown32 fchownat fcntl fcntl64
    fdatasync flock fstat fstat64 fstatat64 fstatfs fstatfs64 fsync ftruncate ftruncate64 futimesat getcwd
    getdents getdents64 ioctl lchown lchown32 link linkat listmount lseek _llseek lstat lstat64 mkdir mkdirat
    mknod mknodat name_to_handle_at newfstatat open openat openat2 pipe pipe2 readahead readlink readlinkat
    rename renameat renameat2 rmdir stat stat64 statfs statfs64 statmount statx symlink symlinkat sync
    sync_file_range syncfs truncate truncate64 umask unlink unlinkat utime utimensat utimensat_time64 utimes`,
  attributes: `
    fgetxattr flistxattr fremovexattr fsetxattr getxattr getxattrat lgetxattr listxattr listxattrat llistxattr
    lremovexattr lsetxattr removexattr removexattrat setxattr setxattrat`,
  transfer: `
    io_cancel io_destroy io_getevents io_pgetevents io_pgetevents_time64 io_setup io_submit pread64 preadv
    preadv2 pwrite64 pwritev pwritev2 read readv sendfile sendfile64 splice tee vmsplice write writev`,
  waiting: `
    epoll_create epoll_create1 epoll_ctl epoll_ctl_old epoll_pwait epoll_pwait2 epoll_wait epoll_wait_old eventfd
    eventfd2 fanotify_mark inotify_add_watch inotify_init inotify_init1 inotify_rm_watch _newselect poll ppoll
    ppoll_time64 pselect6 pselect6_time64 select signalfd signalfd4`,
  memory: `
    brk cachestat madvise map_shadow_stack membarrier memfd_create memfd_secret mincore mlock mlock2 mlockall
    mmap mmap2 mprotect mremap mseal msync munlock munlockall munmap pkey_alloc pkey_free pkey_mprotect
    process_mrelease remap_file_pages`,
  processes: `
    capget capset execve execveat exit exit_group fork getcpu getpgid getpgrp getpid getppid getpriority getrlimit
    getrusage getsid get_thread_area gettid ioprio_get ioprio_set pidfd_open prctl prlimit64 process_vm_readv
    process_vm_writev ptrace rseq sched_getaffinity sched_getattr sched_getparam sched_get_priority_max
    sched_get_priority_min sched_getscheduler sched_rr_get_interval sched_rr_get_interval_time64
    sched_setaffinity sched_setattr sched_setparam sched_setscheduler sched_yield setpgid setpriority setrlimit
    setsid set_thread_area set_tid_address sysinfo times ugetrlimit uname uretprobe vfork wait4 waitid waitpid`,
  identity: `
    getegid getegid32 geteuid geteuid32 getgid getgid32 getgroups getgroups32 getresgid getresgid32 getresuid
    getresuid32 getuid getuid32 setfsgid setfsgid32 setfsuid setfsuid32 setgid setgid32 setgroups setgroups32
    setregid setregid32 setresgid setresgid32 setresuid setresuid32 setreuid setreuid32 setuid setuid32`,
  signals: `
    kill pause pidfd_send_signal restart_syscall rt_sigaction rt_sigpending rt_sigprocmask rt_sigqueueinfo
    rt_sigreturn rt_sigsuspend rt_sigtimedwait rt_sigtimedwait_time64 rt_tgsigqueueinfo sigaltstack sigprocmask
    sigreturn tgkill tkill`,
  time: `
    adjtimex alarm clock_adjtime clock_adjtime64 clock_getres clock_getres_time64 clock_gettime clock_gettime64
    clock_nanosleep clock_nanosleep_time64 getitimer gettimeofday nanosleep setitimer time timer_create
    timer_delete timerfd_create timerfd_gettime timerfd_gettime64 timerfd_settime timerfd_settime64
    timer_getoverrun timer_gettime timer_gettime64 timer_settime timer_settime64`,
  network: `
    accept accept4 bind connect getpeername getsockname getsockopt listen recvfrom recvmmsg recvmmsg_time64
    recvmsg sendmmsg sendmsg sendto setsockopt shutdown socketpair`,
  sharing: `
    futex futex_requeue futex_time64 futex_wait futex_waitv futex_wake get_robust_list ipc mq_getsetattr mq_notify
    mq_open mq_timedreceive mq_timedreceive_time64 mq_timedsend mq_timedsend_time64 mq_unlink msgctl msgget msgrcv
    msgsnd semctl semget semop semtimedop semtimedop_time64 set_robust_list shmat shmctl shmdt shmget`,
  security: 'getrandom landlock_add_rule landlock_create_ruleset landlock_restrict_self seccomp',
}

/** Calls of single architectures. */
const OF_ABI: Readonly<Record<Abi, string>> = {
  x86_64: 'arch_prctl modify_ldt',
  i386: 'modify_ldt',
  aarch64: 'sync_file_range2',
}

/** Calls that come with a capability in the bounding set. */
const WITH_CAPABILITY: Readonly<Record<string, string>> = {
  DAC_READ_SEARCH: 'open_by_handle_at',
  SYS_ADMIN: `
    bpf clone clone3 fanotify_init fsconfig fsmount fsopen fspick lookup_dcookie lsm_get_self_attr lsm_list_modules
    lsm_set_self_attr mount mount_setattr move_mount open_tree perf_event_open quotactl quotactl_fd setdomainname
    sethostname setns syslog umount umount2 unshare`,
  SYS_BOOT: 'reboot',
  SYS_CHROOT: 'chroot',
  SYS_MODULE: 'delete_module finit_module init_module',
  SYS_PACCT: 'acct',
  SYS_PTRACE: 'kcmp pidfd_getfd process_madvise',
  SYS_RAWIO: 'ioperm iopl',
  SYS_TIME: 'clock_settime clock_settime64 settimeofday stime',
  SYS_TTY_CONFIG: 'vhangup',
  SYS_NICE: 'get_mempolicy mbind set_mempolicy set_mempolicy_home_node',
  SYSLOG: 'syslog',
  BPF: 'bpf',
  PERFMON: 'perf_event_open',
}

/**
 * Address families whose sockets may be made: UNSPEC, UNIX, INET, INET6, KEY (IPsec), NETLINK, PACKET, PPPOX, CAN,
 * BLUETOOTH, SMC. Stricter than Docker, which lets 34 families through: every other one is an old or rare module
 * that a mere socket() would load into the host's kernel. ALG (CVE-2026-31431) and VSOCK are among the refused.
 */
const SOCKET_FAMILIES = [0, 1, 2, 10, 15, 16, 17, 24, 29, 31, 43]
/**
 * XDP: its frames go to the device past all hooks of the way out, and so past the rules that hold a container to its own
 * addresses. Who has NET_ADMIN is not held to them, and nobody else could receive by such a socket.
 */
const XDP = 44

/** Values of personality(2) that only change how a program sees the system: Linux, SVR4-like uname, 32 bits; and asking. */
const PERSONALITIES = [0x0, 0x8, 0x20000, 0x20008, 0xffffffff]

/** CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET. */
const NAMESPACE_FLAGS = 0x7e020000

/** socketcall(2) numbers that do not make a socket: all between SYS_BIND and SYS_SENDMMSG but SYS_SOCKETPAIR. */
const SOCKETCALLS = [2, 3, 4, 5, 6, 7, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20]

/** The default policy for a machine and a set of capabilities (names without `CAP_`). */
export function defaultPolicy(machine: 'x86_64' | 'aarch64', capabilities: readonly string[]): Policy {
  const abis: readonly Abi[] = machine === 'x86_64' ? ['x86_64', 'i386'] : ['aarch64']
  const granted = capabilities.flatMap(name => words(WITH_CAPABILITY[name] ?? ''))
  const always = [...Object.values(ALLOWED).flatMap(words), ...abis.flatMap(abi => words(OF_ABI[abi]))]
  return {
    abis,
    refused: EPERM,
    unknown: ENOSYS,
    rules: [
      { calls: [...always, ...granted], action: ALLOW },
      ...(capabilities.includes('NET_ADMIN') ? [socketsOf([XDP])] : []),
      ...CONDITIONAL,
    ],
  }
}

/** Names of the calls that every container may make, without conditions. */
export function unconditionalCalls(): string[] {
  return Object.values(ALLOWED).flatMap(words)
}

const socketsOf = (values: readonly number[]): Rule => ({
  calls: ['socket'],
  action: ALLOW,
  conditions: [{ index: 0, test: 'lowIn', values }],
})

const CONDITIONAL: readonly Rule[] = [
  socketsOf(SOCKET_FAMILIES),
  { calls: ['personality'], action: ALLOW, conditions: [{ index: 0, test: 'lowIn', values: PERSONALITIES }] },
  { calls: ['clone'], action: ALLOW, conditions: [{ index: 0, test: 'lowMaskZero', mask: NAMESPACE_FLAGS }] },
  // Its flags lie in memory, where no filter can read them; C libraries fall back to clone.
  { calls: ['clone3'], action: ENOSYS },
  // Newer than what C libraries rely on: absent, so that they fall back, instead of forbidden.
  { calls: ['file_getattr', 'file_setattr', 'listns', 'open_tree_attr', 'uprobe'], action: ENOSYS },
  // Its family lies in memory too: the old way to a socket is closed, operations on sockets stay.
  { calls: ['socketcall'], action: ALLOW, conditions: [{ index: 0, test: 'lowIn', values: SOCKETCALLS }] },
  { calls: ['socketcall'], action: ENOSYS },
]

function words(text: string): string[] {
  return text.split(/\s+/).filter(Boolean)
}
