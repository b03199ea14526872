/**
 * The wire form of every operation, as data: its number, the stages it may stand in, and its fields in order. `native/core/ops.h` is rendered from this table (ops-header.ts) and a test compares the two, so there is one truth.
 */
import { type OpLayout, of, UNCHANGED, word } from './layout-fields.ts'
import { RESTART_POLICIES } from './ops/values.ts'
import type { Op } from './program.ts'

export type OpName = Op['op']
type OpOf<Name extends OpName> = Extract<Op, { op: Name }>
type Layouts = { readonly [Name in OpName]: OpLayout<Exclude<keyof OpOf<Name>, 'op'>> }

const owner = [of('uid', 'u32', 0), of('gid', 'u32', 0)] as const
const at = [of('slot', 'slot'), of('path', 'string')] as const
const beneath = [of('slot', 'slot?'), of('path', 'string')] as const
const asked = [of('slot', 'slot?'), of('addresses', 'strings'), of('port', 'u32', 0)] as const
const ofProcess = [of('pid', 'u32', 0), of('startTime', 'u64', 0)] as const
const read = [of('folder', 'string'), of('names', 'strings'), of('lines', 'strings')] as const
const made = [of('type', 'string'), of('options', 'strings'), of('attributes', 'attributes')] as const
const caged = [of('uid', 'u32'), of('uidCount', 'u32'), of('filter', 'bytes')] as const
const written = [of('upperSlot', 'slot?'), of('workSlot', 'slot?'), of('volatile', 'bool')] as const
const filed = of('slot', 'slot?')
const netns = word('netns', 'host', 'container')
const protocol = word('protocol', 'route', 'netfilter', 'sockets')
const message = [netns, protocol, of('bytes', 'bytes')] as const
const kept = [of('head', 'u32', 0), of('keep', 'numbers')] as const

const SUPERVISE = ['supervise'] as const
const SETUP = ['setup'] as const
const OUTSIDE = ['outside'] as const
const INSIDE = ['inside'] as const
const BOTH_SIDES = ['outside', 'inside'] as const
const WRITING = ['setup', 'outside', 'attend'] as const

export const LAYOUT: Layouts = {
  monitor: {
    code: 1,
    stages: SUPERVISE,
    fields: [
      of('socket', 'string'),
      of('status', 'string'),
      of('log', 'string'),
      of('logMaxSize', 'u64'),
      of('logMaxFiles', 'u32'),
      of('tty', 'bool'),
      of('openStdin', 'bool'),
      of('stdinOnce', 'bool'),
      of('ownerUid', 'u32'),
      of('ownerGid', 'u32'),
      word('restart', ...RESTART_POLICIES),
      of('restartMax', 'u32'),
      of('oomCounter', 'string'),
      of('cgroupKill', 'string'),
      of('rows', 'u32'),
      of('cols', 'u32'),
      of('patience', 'u32'),
    ],
  },
  relay: {
    code: 2,
    stages: SUPERVISE,
    fields: [
      of('names', 'strings'),
      of('upstreams', 'strings'),
      of('internal', 'bool'),
      of('dnsPort', 'u32'),
      of('askInside', 'bool'),
      ...caged,
      of('resolvConf', 'string'),
      of('egressTable', 'string'),
      of('mark', 'u32', 0),
    ],
  },
  publish: {
    code: 3,
    stages: SUPERVISE,
    fields: [
      word('protocol', 'tcp', 'udp', 'sctp'),
      of('hostIp', 'string'),
      of('hostPort', 'u32'),
      of('targetIp', 'string'),
      of('targetPort', 'u32'),
      of('count', 'u32'),
      of('both', 'bool'),
    ],
  },
  procServer: {
    code: 4,
    stages: SUPERVISE,
    fields: [
      of('folder', 'string'),
      of('sources', 'strings'),
      of('together', 'bool'),
      ...caged,
      of('owner', 'u32'),
    ],
  },
  front: {
    code: 5,
    stages: SUPERVISE,
    fields: [of('folder', 'string'), ...caged],
  },
  newNetns: { code: 10, stages: SETUP, fields: [of('usernsSlot', 'slot?')] },
  openNetns: {
    code: 11,
    stages: SETUP,
    fields: [of('path', 'string'), of('pid', 'u32', 0), of('startTime', 'u64', 0)],
  },
  createUserns: {
    code: 12,
    stages: SETUP,
    fields: [of('slot', 'slot'), of('uidMap', 'idRanges'), of('gidMap', 'idRanges')],
  },
  netlink: {
    code: 13,
    stages: SETUP,
    fields: [...message, of('ignore', 'numbers'), of('purpose', 'string'), of('stale', 'bytes')],
  },
  netlinkDump: { code: 14, stages: SETUP, fields: [...message, ...kept] },
  openUserns: {
    code: 16,
    stages: SETUP,
    fields: [of('slot', 'slot'), of('path', 'string'), of('pid', 'u32'), of('startTime', 'u64')],
  },
  write: {
    code: 15,
    stages: WRITING,
    fields: [of('path', 'string'), of('bytes', 'bytes'), of('ignore', 'numbers')],
  },
  writeLines: { code: 83, stages: WRITING, fields: [of('path', 'string'), of('lines', 'strings'), filed] },
  openNamespace: {
    code: 20,
    stages: OUTSIDE,
    fields: [of('slot', 'slot'), ...ofProcess, word('kind', 'mnt', 'ipc', 'uts', 'pid', 'cgroup', 'user')],
  },
  open: {
    code: 21,
    stages: OUTSIDE,
    fields: [
      of('slot', 'slot'),
      of('path', 'string'),
      of('fromSlot', 'slot?'),
      word('kind', 'folder', 'path', 'read'),
      of('mountsSlot', 'slot?'),
    ],
  },
  openTree: {
    code: 22,
    stages: OUTSIDE,
    fields: [
      of('slot', 'slot'),
      of('path', 'string'),
      of('fromSlot', 'slot?'),
      of('recursive', 'bool'),
      of('attributes', 'attributes'),
      word('propagation', 'private', 'slave', 'shared'),
      of('usernsSlot', 'slot?'),
      of('namespaceSlot', 'slot?'),
    ],
  },
  fsMount: {
    code: 23,
    stages: OUTSIDE,
    fields: [of('slot', 'slot'), ...made, of('label', 'string')],
  },
  overlay: {
    code: 24,
    stages: OUTSIDE,
    fields: [
      of('slot', 'slot'),
      of('lowerSlots', 'slots'),
      ...written,
      of('asUid', 'u32', UNCHANGED),
      of('asGid', 'u32', UNCHANGED),
      of('label', 'string'),
    ],
  },
  idmapMount: { code: 25, stages: OUTSIDE, fields: [of('slot', 'slot'), of('usernsSlot', 'slot')] },
  newTimens: { code: 26, stages: OUTSIDE, fields: [of('pid', 'u32', 0), of('startTime', 'u64', 0)] },
  enterUserns: { code: 18, stages: OUTSIDE, fields: [of('slot', 'slot')] },
  deviceFilter: { code: 27, stages: OUTSIDE, fields: [of('cgroupSlot', 'slot'), of('program', 'bytes')] },
  fuseMount: { code: 19, stages: OUTSIDE, fields: [of('slot', 'slot'), of('label', 'string')] },
  copyTree: {
    code: 30,
    stages: OUTSIDE,
    fields: [
      of('fromSlot', 'slot'),
      of('from', 'string'),
      of('toSlot', 'slot'),
      of('to', 'string'),
      of('create', 'bool'),
      of('whiteouts', 'bool'),
      of('uid', 'u32', UNCHANGED),
      of('gid', 'u32', UNCHANGED),
      of('mode', 'u32', UNCHANGED),
    ],
  },
  readFile: {
    code: 31,
    stages: OUTSIDE,
    fields: [of('slot', 'slot'), of('path', 'string'), of('maxBytes', 'u32'), of('optional', 'bool')],
  },
  getXattr: { code: 32, stages: OUTSIDE, fields: [...at, of('name', 'string')] },
  setXattr: {
    code: 33,
    stages: OUTSIDE,
    fields: [...at, of('name', 'string'), of('value', 'bytes'), of('ignore', 'numbers')],
  },
  relabel: {
    code: 79,
    stages: BOTH_SIDES,
    fields: [...beneath, of('label', 'string'), of('ignore', 'numbers')],
  },
  removeTree: { code: 34, stages: OUTSIDE, fields: [of('slot', 'slot'), of('path', 'string')] },
  unpack: {
    code: 35,
    stages: OUTSIDE,
    fields: [
      of('slot', 'slot'),
      of('path', 'string'),
      of('keepKinds', 'bool'),
      of('uid', 'u32', UNCHANGED),
      of('gid', 'u32', UNCHANGED),
      of('mode', 'u32', UNCHANGED),
      of('connection', 'slot?'),
    ],
  },
  openConnection: {
    code: 43,
    stages: OUTSIDE,
    fields: [of('slot', 'slot'), of('fd', 'u32'), of('inode', 'u64'), of('readWithin', 'u32', 0)],
  },
  pack: { code: 36, stages: OUTSIDE, fields: [of('slot', 'slot'), of('path', 'string')] },
  treeSize: { code: 37, stages: OUTSIDE, fields: [of('slot', 'slot'), of('path', 'string')] },
  syncFilesystem: { code: 39, stages: OUTSIDE, fields: [of('slot', 'slot')] },
  spreadFolders: { code: 44, stages: OUTSIDE, fields: [of('slot', 'slot')] },
  mountHost: {
    code: 28,
    stages: OUTSIDE,
    fields: [
      of('type', 'string'),
      of('device', 'string'),
      of('target', 'string'),
      of('flags', 'u32'),
      of('data', 'string'),
    ],
  },
  unmountHost: { code: 29, stages: OUTSIDE, fields: [of('target', 'string')] },
  lookUp: {
    code: 38,
    stages: OUTSIDE,
    fields: [of('slot', 'slot'), of('path', 'string'), of('follow', 'bool')],
  },
  enter: {
    code: 17,
    stages: OUTSIDE,
    fields: [...ofProcess, of('mapped', 'bool')],
  },
  readSysctls: {
    code: 74,
    stages: SETUP,
    fields: [...ofProcess, of('keys', 'strings')],
  },
  readFiles: { code: 75, stages: SETUP, fields: [...ofProcess, ...read, of('access', 'bool')] },
  askMounts: {
    code: 77,
    stages: SETUP,
    fields: [
      of('monitorPid', 'u32'),
      of('monitorStartTime', 'u64'),
      of('fd', 'u32'),
      of('pid', 'u32'),
      of('places', 'strings'),
      of('mounts', 'numbers'),
    ],
  },
  findChild: { code: 82, stages: SETUP, fields: [of('pid', 'u32'), of('name', 'string')] },
  statFiles: { code: 76, stages: SETUP, fields: [of('paths', 'strings'), of('own', 'string')] },
  statInside: { code: 78, stages: SETUP, fields: [of('pid', 'u32'), of('paths', 'strings')] },
  setLimit: {
    code: 48,
    stages: OUTSIDE,
    fields: [...ofProcess, of('resource', 'u32'), of('soft', 'u64'), of('hard', 'u64')],
  },
  dial: { code: 42, stages: OUTSIDE, fields: [...asked, of('send', 'bytes'), of('timeout', 'u32')] },
  clone: {
    code: 40,
    stages: ['launch'],
    fields: [
      of('newNamespaces', 'namespaces'),
      word('net', 'container', 'host'),
      of('joinSlots', 'slots'),
      of('cgroupSlot', 'slot?'),
      of('usernsSlot', 'slot?'),
    ],
  },
  join: {
    code: 41,
    stages: ['launch'],
    fields: [of('pid', 'u32'), of('startTime', 'u64'), of('group', 'string')],
  },
  joinGroup: { code: 45, stages: ['groups'], fields: [of('path', 'string'), filed] },
  writeProc: {
    code: 46,
    stages: ['attend'],
    fields: [
      word('file', 'uid_map', 'gid_map', 'setgroups', 'oom_score_adj'),
      of('value', 'string'),
      of('ignore', 'numbers'),
    ],
  },
  allowLimit: { code: 47, stages: ['attend'], fields: [of('resource', 'u32'), of('hard', 'u64')] },
  root: { code: 50, stages: INSIDE, fields: [of('slot', 'slot')] },
  mkdir: { code: 51, stages: BOTH_SIDES, fields: [...beneath, of('mode', 'u32'), ...owner] },
  mknod: {
    code: 52,
    stages: BOTH_SIDES,
    fields: [
      ...beneath,
      word('type', 'char', 'block', 'fifo'),
      of('major', 'u32', 0),
      of('minor', 'u32', 0),
      of('mode', 'u32'),
      ...owner,
    ],
  },
  symlink: {
    code: 53,
    stages: BOTH_SIDES,
    fields: [...beneath, of('target', 'string'), of('replace', 'bool')],
  },
  mount: {
    code: 55,
    stages: INSIDE,
    fields: [
      ...made,
      of('target', 'string'),
      of('ignore', 'numbers'),
      of('label', 'string'),
      of('modeBelow', 'bool'),
    ],
  },
  moveMount: {
    code: 56,
    stages: INSIDE,
    fields: [of('slot', 'slot'), of('target', 'string'), word('create', 'none', 'folder', 'file', 'same')],
  },
  bindReadonly: { code: 57, stages: INSIDE, fields: [of('path', 'string')] },
  mask: { code: 58, stages: INSIDE, fields: [of('path', 'string'), of('label', 'string')] },
  fuseFiles: {
    code: 49,
    stages: INSIDE,
    fields: [of('slot', 'slot'), of('names', 'strings'), of('paths', 'strings')],
  },
  setAttributes: { code: 59, stages: INSIDE, fields: [of('path', 'string'), of('attributes', 'attributes')] },
  unmount: { code: 54, stages: INSIDE, fields: [of('target', 'string'), of('mount', 'u64')] },
  changeMount: {
    code: 73,
    stages: INSIDE,
    fields: [
      of('target', 'string'),
      of('mount', 'u64'),
      of('attributes', 'attributes'),
      of('cleared', 'attributes'),
      of('options', 'strings'),
    ],
  },
  pivotRoot: { code: 60, stages: INSIDE, fields: [] },
  sysctl: {
    code: 61,
    stages: ['setup', 'inside'],
    fields: [of('key', 'string'), of('value', 'string'), of('ignore', 'numbers')],
  },
  hostname: { code: 62, stages: INSIDE, fields: [of('name', 'string')] },
  domainname: { code: 63, stages: INSIDE, fields: [of('name', 'string')] },
  rlimit: { code: 64, stages: INSIDE, fields: [of('resource', 'u32'), of('soft', 'u64'), of('hard', 'u64')] },
  umask: { code: 65, stages: INSIDE, fields: [of('mask', 'u32')] },
  console: { code: 66, stages: INSIDE, fields: [of('rows', 'u32', 0), of('cols', 'u32', 0)] },
  chdir: { code: 67, stages: INSIDE, fields: [of('path', 'string'), of('create', 'bool'), ...owner] },
  user: { code: 68, stages: INSIDE, fields: [of('uid', 'u32'), of('gid', 'u32'), of('groups', 'numbers')] },
  capabilities: {
    code: 69,
    stages: INSIDE,
    fields: [
      of('bounding', 'u64'),
      of('effective', 'u64'),
      of('permitted', 'u64'),
      of('inheritable', 'u64'),
      of('ambient', 'u64'),
    ],
  },
  selinux: { code: 81, stages: INSIDE, fields: [of('process', 'string'), of('file', 'string')] },
  apparmor: { code: 70, stages: INSIDE, fields: [of('profile', 'string')] },
  noNewPrivs: { code: 71, stages: INSIDE, fields: [] },
  seccomp: { code: 72, stages: INSIDE, fields: [of('filter', 'bytes'), of('flags', 'u32')] },
  exec: {
    code: 80,
    stages: ['exec'],
    fields: [of('argv', 'strings'), of('env', 'strings'), of('init', 'bool')],
  },
}
