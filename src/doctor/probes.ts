import { CONTAINER_NETNS_FD, type OutsideOp, type Program } from '../native/index.ts'
import {
  connectionHas,
  containerNetlink,
  createBridge,
  createVethPair,
  masquerade,
  newBaseChain,
  newRule,
  newTable,
  nftBatch,
  toOwnAddress,
  verdict,
} from '../network/netlink/index.ts'

/** What the kernel is asked to do. */
export type Probe =
  | 'native'
  | 'user namespace'
  | 'network namespace'
  | 'overlay'
  | 'idmapped mount'
  | 'container'
  | 'bridge'
  | 'veth'
  | 'nf_tables'
  | 'firewall rules'
  | 'egress hook'
  | 'shortcut'

/** BPF_RET | BPF_K with SECCOMP_RET_ALLOW: a filter that allows everything (linux/filter.h, linux/seccomp.h). */
const ALLOW_ALL = Uint8Array.from([0x06, 0, 0, 0, 0, 0, 0xff, 0x7f])

const [BRIDGE, OUTSIDE, INSIDE] = [10, 11, 12]
const TABLE = 'tscompose_doctor'

const USERNS = {
  op: 'createUserns',
  slot: 0,
  uidMap: [{ inside: 0, outside: 100_000, count: 1000 }],
  gidMap: [{ inside: 0, outside: 100_000, count: 1000 }],
} as const

/**
 * A program that does it and leaves nothing behind: all namespaces and mounts are of the program's own and go with it.
 * `folder` lies in ROOT's file system and has the folders `lower`, `upper` and `work`.
 */
export function probeProgram(probe: Exclude<Probe, 'shortcut'>, folder: string): Program {
  switch (probe) {
    case 'native':
      return { outside: [{ op: 'open', slot: 0, path: '/', kind: 'path' }] }
    case 'user namespace':
      return { setup: [USERNS] }
    case 'network namespace':
      return { setup: [{ op: 'newNetns' }] }
    case 'overlay':
      return { outside: overlay(folder) }
    case 'idmapped mount':
      return {
        setup: [USERNS],
        outside: [{ op: 'openTree', slot: 1, path: folder, recursive: false, usernsSlot: 0 }],
      }
    case 'container':
      return container()
    case 'bridge':
      return onOwnNetwork(createBridge({ name: 'tsc-doctor', index: BRIDGE }))
    case 'veth':
      return onOwnNetwork(createBridge({ name: 'tsc-doctor', index: BRIDGE }), vethPair())
    case 'nf_tables':
      return onOwnRules(newTable('ip', TABLE))
    case 'firewall rules':
      return onOwnRules(newTable('inet', TABLE), ...ownRules())
    case 'egress hook':
      return onOwnRules(
        newTable('netdev', TABLE),
        newBaseChain({
          family: 'netdev',
          table: TABLE,
          name: 'out',
          hook: 'egress',
          device: 'lo',
          priority: 0,
          policy: 'accept',
        }),
      )
  }
}

function overlay(folder: string): OutsideOp[] {
  const names = ['lower', 'upper', 'work'] as const
  return [
    ...names.map((name, slot) => ({ op: 'open', slot, path: `${folder}/${name}`, kind: 'folder' }) as const),
    { op: 'overlay', slot: 3, lowerSlots: [0], upperSlot: 1, workSlot: 2 },
  ]
}

/** A process in namespaces of its own, with the machine's files, that runs `true` behind a filter of system calls. */
function container(): Program {
  return {
    setup: [{ op: 'newNetns' }],
    outside: [{ op: 'openTree', slot: 0, path: '/', recursive: true }],
    launch: [{ op: 'clone', newNamespaces: ['mnt', 'pid', 'ipc', 'uts', 'cgroup'], net: 'container' }],
    inside: [
      { op: 'root', slot: 0 },
      { op: 'pivotRoot' },
      { op: 'noNewPrivs' },
      { op: 'seccomp', filter: ALLOW_ALL, flags: 0 },
    ],
    exec: [{ op: 'exec', argv: ['true'], env: ['PATH=/usr/bin:/bin'], init: false }],
  }
}

function vethPair(): Buffer {
  return createVethPair(
    { name: 'tv-doctor', index: OUTSIDE, master: BRIDGE },
    { name: 'eth0', index: INSIDE, netnsFd: CONTAINER_NETNS_FD },
  )
}

/** What our own rules are made of: one of each kind that a kernel may be without. */
function ownRules(): Buffer[] {
  const base = { family: 'inet', table: TABLE, policy: 'accept' } as const
  const leaving = { ...base, name: 'leaving', hook: 'postrouting', type: 'nat', priority: 100 } as const
  const coming = { ...base, name: 'coming', hook: 'prerouting', type: 'nat', priority: -100 } as const
  const passing = { ...base, name: 'passing', hook: 'forward', priority: 0 } as const
  return [
    ...[leaving, coming, passing].map(chain => newBaseChain(chain)),
    newRule(leaving, masquerade()),
    newRule(coming, [...toOwnAddress(), verdict('accept')]),
    newRule(passing, [...connectionHas('state', 6), verdict('accept')]),
  ]
}

function onOwnNetwork(...messages: readonly Buffer[]): Program {
  return {
    setup: [{ op: 'newNetns' }, ...messages.map(bytes => containerNetlink('try a kind of link', bytes))],
  }
}

function onOwnRules(...messages: readonly Buffer[]): Program {
  const bytes = nftBatch(...messages)
  return {
    setup: [{ op: 'newNetns' }, { ...containerNetlink('try firewall rules', bytes), protocol: 'netfilter' }],
  }
}
