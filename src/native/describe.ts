/** What each operation was about to do, for the sentence of its failure: a verb phrase without a full stop. */
import type { Op } from './program.ts'

type Describe = { readonly [Name in Op['op']]: (op: Extract<Op, { op: Name }>) => string }

const quote = (text: string): string => `"${text}"`

const DESCRIBE: Describe = {
  monitor: op => `set up the monitor at ${quote(op.socket)}`,
  relay: () => 'set up the names and DNS of the container',
  publish: op => `publish ${op.hostIp}:${op.hostPort}/${op.protocol} to ${op.targetIp}:${op.targetPort}`,
  newNetns: () => 'make a network namespace',
  openNetns: op => `open the network namespace ${quote(op.path)}`,
  createUserns: () => 'make a user namespace',
  openUserns: op => `open the user namespace ${quote(op.path)}`,
  enterUserns: () => 'enter the user namespace of the container',
  netlink: op => op.purpose,
  netlinkDump: op => `list network objects of the ${op.netns}`,
  write: op => `write ${quote(op.path)}`,
  openNamespace: op => `open the ${op.kind} namespace of process ${op.pid}`,
  openConnection: () => 'open a connection of the caller',
  open: op => `open ${quote(op.path)}`,
  openTree: op => `take the mount tree of ${quote(op.path)}`,
  fsMount: op => `make a ${op.type} file system`,
  overlay: op => `mount the overlay of ${op.lowerSlots.length} layers`,
  fuseMount: () => 'make the FUSE mount of /proc files',
  fuseFiles: () => "put files of /proc over the kernel's in the container",
  procServer: () => 'serve files of /proc',
  idmapMount: () => 'map the ids of a mount',
  newTimens: () => 'make a time namespace',
  deviceFilter: () => 'attach the device filter',
  clone: () => "clone the container's first process",
  join: op => `join the container of process ${op.pid}`,
  writePid: op => `add the process to ${quote(op.path)}`,
  allowLimit: op => `raise resource limit ${op.resource} to ${op.hard}`,
  writeProc: op =>
    op.file === 'oom_score_adj'
      ? `set the OOM score of the process to ${op.value}`
      : `write ${op.file} of the process`,
  root: () => "attach the container's root",
  mkdir: op => `make the folder ${quote(op.path)} in the container`,
  mknod: op => `make the node ${quote(op.path)} in the container`,
  symlink: op => `make the link ${quote(op.path)} in the container`,
  mount: op => `mount ${op.type} on ${quote(op.target)} in the container`,
  moveMount: op => `mount on ${quote(op.target)} in the container`,
  bindReadonly: op => `make ${quote(op.path)} read-only in the container`,
  mask: op => `mask ${quote(op.path)} in the container`,
  enter: op => `enter the container of process ${op.pid}`,
  unmount: op => `unmount ${quote(op.target)} in the container`,
  changeMount: op => `change the mount at ${quote(op.target)} in the container`,
  readSysctls: op => `read sysctls of process ${op.pid}`,
  readFiles: op => `read ${op.names.join(', ')} of ${quote(op.folder)}`,
  askMounts: op => `ask for changes of the mounts of process ${op.pid}`,
  statFiles: op => `look where ${op.paths.join(', ')} lie`,
  statInside: op => `look where ${op.paths.join(', ')} lead in the container of process ${op.pid}`,
  setLimit: op => `set resource limit ${op.resource} of process ${op.pid}`,
  setAttributes: op => `set ${op.attributes.join(', ')} on ${quote(op.path)} in the container`,
  pivotRoot: () => "enter the container's root",
  sysctl: op => `set the sysctl ${quote(op.key)} to ${quote(op.value)}`,
  hostname: op => `set the hostname ${quote(op.name)}`,
  domainname: op => `set the domain name ${quote(op.name)}`,
  rlimit: op => `set resource limit ${op.resource} to ${op.soft}:${op.hard}`,
  umask: () => 'set the umask',
  console: () => "open the container's terminal",
  chdir: op => `enter the working directory ${quote(op.path)}`,
  user: op => `become user ${op.uid}:${op.gid}`,
  capabilities: () => 'set the capabilities',
  apparmor: op => `enter the AppArmor profile ${quote(op.profile)}`,
  selinux: op => `enter the SELinux domain ${quote(op.process)}`,
  noNewPrivs: () => 'set no_new_privs',
  seccomp: () => 'install the seccomp filter',
  exec: op => `run ${quote(op.argv[0] ?? '')}`,
  dial: op => `connect to ${op.addresses?.join(', ') ?? 'a socket of the container'}`,
  copyTree: op => `copy ${quote(op.from)} to ${quote(op.to)}`,
  readFile: op => `read ${quote(op.path)}`,
  getXattr: op => `read the attribute ${op.name} of ${quote(op.path)}`,
  setXattr: op => `set the attribute ${op.name} of ${quote(op.path)}`,
  relabel: op => `give ${quote(op.path)} the SELinux label ${quote(op.label)}`,
  removeTree: op => `remove ${quote(op.path)}`,
  pack: op => `read the tree at ${quote(op.path)}`,
  lookUp: op => `look at ${quote(op.path)}`,
  treeSize: op => `measure ${quote(op.path)}`,
  mountHost: op => `mount ${quote(op.device)} on ${quote(op.target)}`,
  unmountHost: op => `unmount ${quote(op.target)}`,
  spreadFolders: () => 'have folders spread over the disk',
  syncFilesystem: () => 'wait until the disk has what was written',
  unpack: op => `unpack an archive${op.path === '/' ? '' : ` to ${quote(op.path)}`}`,
}

/** `open "/x"`, `run "nginx"` … */
export function describeOp(op: Op): string {
  const describe = DESCRIBE[op.op] as (op: Op) => string
  return describe(op)
}
