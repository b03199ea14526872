import { createHash } from 'node:crypto'

/** What all names of our own profiles begin with; what follows is a digest of the rules. */
const OWN = 'tscompose-default-'

/** A profile, by the name that follows from its rules. */
export interface Profile {
  readonly name: string
  /** As apparmor_parser(8) reads it. */
  readonly text: (name: string) => string
}

/**
 * Families whose sockets may be made, those of the seccomp profile by AppArmor's names, whatever call they are made by. XDP,
 * which that gives with a capability, can only be left out.
 */
const FAMILIES = [
  'unspec',
  'unix',
  'inet',
  'inet6',
  'key',
  'netlink',
  'packet',
  'pppox',
  'can',
  'bluetooth',
  'smc',
] as const

/**
 * What changes the host, or leads to it, is closed whatever is mounted over or beside it. Of /proc/sys what belongs to a
 * namespace, and of /sys the control groups, are left.
 */
const CLOSED = `
  deny /proc/sysrq-trigger rwklx,
  deny /proc/* wl,
  deny /proc/{acpi,asound,bus,driver,fs,irq,scsi}/** wklx,
  deny /proc/sys/{[^k]**,k[^e]**,ke[^r]**,kernel/[^s]**,kernel/s[^h]**,kernel/sh[^m]**} wl,
  deny /sys/{[^f]**,f[^s]**,fs/[^c]**,fs/c[^g]**,fs/cg[^r]**} wklx,
  deny /sys/{firmware,devices/virtual/powercap,devices/virtual/dmi}/** rwklx,
  deny /sys/kernel/{security,debug,tracing}/** rwklx,
`
/**
 * What tells of the host's memory, closed to those who are shown it. Where it is masked, programs read an empty file, as without
 * AppArmor, and no refusal.
 */
const UNMASKED = `
  deny /proc/{kcore,kmem,mem,keys,kallsyms,kpage*,slabinfo,vmallocinfo} rwklx,
`

/** What a profile depends on. */
export interface ProfileFacts {
  /** Labels that the engine may have. */
  readonly supervisors: readonly string[]
  /** Rules that only some parsers know. */
  readonly further: readonly string[]
  /** The masked paths are masked, and stay so. */
  readonly masked: boolean
}

/**
 * The profile that holds a default container: files, capabilities and the families of sockets above are free within what
 * namespaces, groups and the filter leave; mounting and user namespaces are not, nor what is closed. Processes reach by signals
 * and ptrace(2) those of the same profile alone, and are reached by `supervisors`. Each text has a name of its own, so that a
 * newer one never replaces the rules of what runs.
 */
export function defaultProfile(facts: ProfileFacts): Profile {
  const text = (self: string): string => render(self, facts)
  return { name: `${OWN}${createHash('sha256').update(text('')).digest('hex').slice(0, 12)}`, text }
}

function render(self: string, { supervisors, further, masked }: ProfileFacts): string {
  const rules = [
    ...['file', 'capability', 'umount', 'unix', 'dbus', ...further],
    ...FAMILIES.map(family => `network ${family}`),
    `signal (send, receive) peer=${self}`,
    `ptrace (trace, tracedby, read, readby) peer=${self}`,
    ...supervisors.flatMap(peer => [
      `signal (receive) peer=${peer}`,
      `ptrace (tracedby, readby) peer=${peer}`,
    ]),
    'deny mount',
  ]
  const lines = rules.map(rule => `  ${rule},\n`).join('')
  const closed = masked ? CLOSED : CLOSED + UNMASKED
  return `profile ${self} flags=(attach_disconnected,mediate_deleted) {\n${lines}${closed}}\n`
}
