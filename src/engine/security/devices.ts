import { readdirSync, type Stats, statSync } from 'node:fs'
import { errnoOf, failure, messageOf } from '../../diagnostics/index.ts'

/** A host device given to a container (`devices:`): the node is made anew inside with the host node's numbers. */
export interface DeviceMapping {
  /** Host path of a character or block device, or of a folder of them. */
  readonly source: string
  readonly target: string
  /** Any of `r`, `w`, `m`. */
  readonly permissions: string
}

/** A node to make in the container's /dev. */
export interface DeviceNode {
  readonly path: string
  readonly type: 'char' | 'block'
  readonly major: number
  readonly minor: number
  readonly mode: number
  readonly uid: number
  readonly gid: number
}

/** One allow rule of the device filter; `*` is any number. */
export interface DeviceRule {
  readonly type: 'a' | 'b' | 'c'
  readonly major: number | '*'
  readonly minor: number | '*'
  /** Any of `r`, `w`, `m`. */
  readonly access: string
}

/** The nodes that every container has, by mknod and not as binds of the host's: chmod inside stays inside. */
export const DEFAULT_NODES: readonly DeviceNode[] = (
  [
    ['null', 1, 3],
    ['zero', 1, 5],
    ['full', 1, 7],
    ['random', 1, 8],
    ['urandom', 1, 9],
    ['tty', 5, 0],
  ] as const
).map(([name, major, minor]) => ({
  path: `/dev/${name}`,
  type: 'char',
  major,
  minor,
  mode: 0o666,
  uid: 0,
  gid: 0,
}))

/** Docker's default rules: any node may be made, few may be opened (the last are terminals, and tun for VPNs). */
export const DEFAULT_RULES: readonly DeviceRule[] = [
  { type: 'c', major: '*', minor: '*', access: 'm' },
  { type: 'b', major: '*', minor: '*', access: 'm' },
  ...DEFAULT_NODES.map(
    (node): DeviceRule => ({ type: 'c', major: node.major, minor: node.minor, access: 'rwm' }),
  ),
  { type: 'c', major: 5, minor: 1, access: 'rwm' },
  { type: 'c', major: 5, minor: 2, access: 'rwm' },
  { type: 'c', major: 10, minor: 200, access: 'rwm' },
  { type: 'c', major: 136, minor: '*', access: 'rwm' },
]

/** Everything: privileged containers. */
export const ALL_DEVICES: DeviceRule = { type: 'a', major: '*', minor: '*', access: 'rwm' }

/** A rule in the kernel's v1 notation: `c 1:3 rwm`. */
export function renderRule(rule: DeviceRule): string {
  return `${rule.type} ${rule.major}:${rule.minor} ${rule.access}`
}

/** Parses `c 189:* rwm` (`device_cgroup_rules`). Fails with `DEVICE_RULE_INVALID`. */
export function parseRule(text: string): DeviceRule {
  const match = /^([abc]) (\*|[0-9]{1,9}):(\*|[0-9]{1,9}) ([rwm]{1,3})$/.exec(text.trim())
  if (match === null) {
    throw failure({
      code: 'DEVICE_RULE_INVALID',
      kind: 'invalidArgument',
      summary: `invalid device rule ${JSON.stringify(text)}`,
      hint: 'write type, numbers and access, for example "c 189:* rwm"',
    })
  }
  const [, type, major, minor, access = ''] = match
  return {
    type: type === 'a' ? 'a' : type === 'b' ? 'b' : 'c',
    major: major === '*' ? '*' : Number(major),
    minor: minor === '*' ? '*' : Number(minor),
    access,
  }
}

/** What a mapping makes: nodes, and the rules that let them be opened. */
export interface ResolvedDevices {
  readonly nodes: readonly DeviceNode[]
  readonly rules: readonly DeviceRule[]
}

/**
 * Looks the mappings up on the host, a folder as all device nodes in it. Fails with `DEVICE_NOT_FOUND` and
 * `DEVICE_INVALID`.
 */
export function resolveDevices(mappings: readonly DeviceMapping[]): ResolvedDevices {
  const nodes: DeviceNode[] = []
  const rules: DeviceRule[] = []
  for (const mapping of mappings) {
    if (!/^[rwm]{1,3}$/.test(mapping.permissions)) throw invalid(mapping, 'permissions are any of r, w and m')
    const found = nodesOf(mapping)
    if (found.length === 0) throw invalid(mapping, 'it is no device, and no folder of devices')
    for (const node of found) {
      nodes.push(node)
      rules.push({
        type: node.type === 'block' ? 'b' : 'c',
        major: node.major,
        minor: node.minor,
        access: mapping.permissions,
      })
    }
  }
  return { nodes, rules }
}

/** All device nodes of the host's /dev, for privileged containers; terminals and mounts in it are the container's own. */
export function hostDevices(): DeviceNode[] {
  const own = new Set(['/dev/console', '/dev/ptmx', ...DEFAULT_NODES.map(node => node.path)])
  return readdirSync('/dev', { withFileTypes: true })
    .filter(entry => !['pts', 'shm', 'mqueue', 'fd', 'hugepages', '.udev'].includes(entry.name))
    .flatMap(entry => {
      const path = `/dev/${entry.name}`
      if (entry.isSymbolicLink() || own.has(path)) return []
      return nodesOf({ source: path, target: path, permissions: 'rwm' })
    })
}

function nodesOf(mapping: DeviceMapping): DeviceNode[] {
  const info = look(mapping)
  if (info.isDirectory()) {
    return readdirSync(mapping.source, { withFileTypes: true })
      .filter(entry => !entry.isSymbolicLink())
      .flatMap(entry =>
        nodesOf({
          ...mapping,
          source: `${mapping.source}/${entry.name}`,
          target: `${mapping.target}/${entry.name}`,
        }),
      )
  }
  if (!info.isCharacterDevice() && !info.isBlockDevice()) return []
  return [
    {
      path: mapping.target,
      type: info.isBlockDevice() ? 'block' : 'char',
      ...deviceNumbers(info.rdev),
      mode: info.mode & 0o777,
      uid: info.uid,
      gid: info.gid,
    },
  ]
}

function look(mapping: DeviceMapping): Stats {
  try {
    return statSync(mapping.source)
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw error
    throw failure({
      code: 'DEVICE_NOT_FOUND',
      kind: 'invalidArgument',
      summary: `no device ${JSON.stringify(mapping.source)} on this machine`,
      facts: { device: mapping.source },
      cause: error,
    })
  }
}

/** The numbers of a device of the host, which its limits are kept under. DEVICE_NOT_FOUND. */
export function numbersOfDevice(path: string): { readonly major: number; readonly minor: number } {
  try {
    const { rdev } = statSync(path)
    if (rdev !== 0) return deviceNumbers(rdev)
  } catch (error) {
    throw failure({
      code: 'DEVICE_NOT_FOUND',
      kind: 'invalidArgument',
      summary: `device "${path}": ${messageOf(error)}`,
      facts: { path, rule: 'stat' },
      cause: error,
    })
  }
  throw failure({ code: 'DEVICE_NOT_FOUND', kind: 'invalidArgument', summary: `"${path}" is no device` })
}

/** Splits a `dev_t` as glibc does: 12 bits of major and 20 of minor, interleaved. */
export function deviceNumbers(rdev: number): { readonly major: number; readonly minor: number } {
  const low = rdev % 2 ** 32
  const high = Math.floor(rdev / 2 ** 32)
  return {
    major: ((low >>> 8) & 0xfff) + (high & ~0xfff),
    minor: (low & 0xff) + ((low >>> 12) & 0xfff00),
  }
}

function invalid(mapping: DeviceMapping, detail: string): Error {
  return failure({
    code: 'DEVICE_INVALID',
    kind: 'invalidArgument',
    summary: `device ${JSON.stringify(mapping.source)} cannot be given to a container: ${detail}`,
  })
}
