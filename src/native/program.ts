/**
 * The program: what TypeScript compiles and the native binary executes. Each operation is one mechanism; every
 * decision was taken before. Operations are grouped by stage, and stages run in the order of {@link STAGES}.
 *
 * Paths of host operations are absolute host paths. Paths marked "beneath" are resolved with
 * `openat2(RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS)`: they cannot leave their root, whatever symlinks lie there.
 */

import type { MkdirOp, MknodOp, RelabelOp, SymlinkOp } from './ops/beneath.ts'
import type {
  ApparmorOp,
  CapabilitiesOp,
  ChdirOp,
  ConsoleOp,
  ExecOp,
  NoNewPrivsOp,
  SeccompOp,
  SelinuxOp,
  UserOp,
} from './ops/command.ts'
import type {
  CopyTreeOp,
  DialOp,
  GetXattrOp,
  LookUpOp,
  MountHostOp,
  OpenConnectionOp,
  PackOp,
  ReadFileOp,
  RemoveTreeOp,
  SetXattrOp,
  SpreadFoldersOp,
  SyncFilesystemOp,
  TreeSizeOp,
  UnmountHostOp,
  UnpackOp,
} from './ops/files.ts'
import type {
  BindReadonlyOp,
  DomainnameOp,
  FuseFilesOp,
  HostnameOp,
  MaskOp,
  MountOp,
  MoveMountOp,
  PivotRootOp,
  RlimitOp,
  RootOp,
  SetAttributesOp,
  SysctlOp,
  UmaskOp,
} from './ops/inside.ts'
import type { AllowLimitOp, CloneOp, JoinGroupOp, JoinOp, WriteProcOp } from './ops/launch.ts'
import type {
  DeviceFilterOp,
  EnterUsernsOp,
  FsMountOp,
  FuseMountOp,
  IdmapMountOp,
  NewTimensOp,
  OpenNamespaceOp,
  OpenOp,
  OpenTreeOp,
  OverlayOp,
  WriteLinesOp,
  WriteOp,
} from './ops/outside.ts'
import type {
  AskMountsOp,
  ChangeMountOp,
  EnterOp,
  FindChildOp,
  ReadFilesOp,
  ReadSysctlsOp,
  SetLimitOp,
  StatFilesOp,
  StatInsideOp,
  UnmountOp,
} from './ops/repair.ts'
import type {
  CreateUsernsOp,
  NetlinkDumpOp,
  NetlinkOp,
  NewNetnsOp,
  OpenNetnsOp,
  OpenUsernsOp,
} from './ops/setup.ts'
import type { FrontOp, MonitorOp, ProcServerOp, PublishOp, RelayOp } from './ops/supervise.ts'

export type * from './ops/beneath.ts'
export type * from './ops/command.ts'
export type * from './ops/files.ts'
export type * from './ops/inside.ts'
export type * from './ops/launch.ts'
export type * from './ops/outside.ts'
export type * from './ops/repair.ts'
export type * from './ops/setup.ts'
export type * from './ops/supervise.ts'
export * from './ops/values.ts'

/** Stages in the order they run. `setup` runs once a monitor, the others again at each restart. */
export const STAGES = [
  'supervise',
  'setup',
  'outside',
  'launch',
  'attend',
  'groups',
  'inside',
  'exec',
] as const
export type Stage = (typeof STAGES)[number]

export type SuperviseOp = MonitorOp | RelayOp | ProcServerOp | PublishOp | FrontOp
/** Once a monitor: what survives restarts. In `run` mode the place of netlink. */
export type SetupOp =
  | NewNetnsOp
  | OpenNetnsOp
  | CreateUsernsOp
  | OpenUsernsOp
  | NetlinkOp
  | AskMountsOp
  | FindChildOp
  | NetlinkDumpOp
  | ReadFilesOp
  | ReadSysctlsOp
  | StatFilesOp
  | StatInsideOp
  | SysctlOp
  | WriteLinesOp
  | WriteOp
export type OutsideOp =
  | OpenOp
  | OpenTreeOp
  | OpenNamespaceOp
  | FsMountOp
  | OverlayOp
  | FuseMountOp
  | IdmapMountOp
  | WriteLinesOp
  | WriteOp
  | NewTimensOp
  | EnterUsernsOp
  | DeviceFilterOp
  | MkdirOp
  | MknodOp
  | SymlinkOp
  | RelabelOp
  | CopyTreeOp
  | DialOp
  | ReadFileOp
  | GetXattrOp
  | SetXattrOp
  | RemoveTreeOp
  | UnpackOp
  | OpenConnectionOp
  | PackOp
  | TreeSizeOp
  | SyncFilesystemOp
  | SpreadFoldersOp
  | MountHostOp
  | UnmountHostOp
  | LookUpOp
  | EnterOp
  | SetLimitOp
export type LaunchOp = CloneOp | JoinOp
export type GroupsOp = JoinGroupOp
export type AttendOp = WriteProcOp | AllowLimitOp | WriteLinesOp | WriteOp
export type InsideOp =
  | RootOp
  | MkdirOp
  | MknodOp
  | SymlinkOp
  | RelabelOp
  | MountOp
  | MoveMountOp
  | BindReadonlyOp
  | MaskOp
  | FuseFilesOp
  | SetAttributesOp
  | UnmountOp
  | ChangeMountOp
  | PivotRootOp
  | SysctlOp
  | HostnameOp
  | DomainnameOp
  | RlimitOp
  | UmaskOp
  | ConsoleOp
  | ChdirOp
  | UserOp
  | CapabilitiesOp
  | ApparmorOp
  | SelinuxOp
  | NoNewPrivsOp
  | SeccompOp

/** Every operation there is. */
export type Op = SuperviseOp | SetupOp | OutsideOp | LaunchOp | AttendOp | GroupsOp | InsideOp | ExecOp

/** A whole program. Absent stages are empty. */
export interface Program {
  readonly supervise?: readonly SuperviseOp[]
  readonly setup?: readonly SetupOp[]
  readonly outside?: readonly OutsideOp[]
  /** One operation: `clone` (monitor, run) or `join` (exec); absent in `run` programs without a process. */
  readonly launch?: readonly LaunchOp[]
  readonly attend?: readonly AttendOp[]
  readonly groups?: readonly GroupsOp[]
  readonly inside?: readonly InsideOp[]
  readonly exec?: readonly ExecOp[]
}
