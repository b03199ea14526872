import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { EventMessage } from '../api/types/index.ts'
import { openImageStore } from '../image/index.ts'
import { type NativeScript, type Program, RecordingNative } from '../native/index.ts'
import type { Cgroups } from './cgroup/index.ts'
import { type Engine, type EngineOptions, openEngine } from './index.ts'
import type { Host } from './runtime/index.ts'

const cgroups: Cgroups = {
  version: 2,
  warnings: [],
  followHomes: () => {},
  budgetPathsOf: () => undefined,
  budgetStats: () => undefined,
  updateBudget: () => [],
  lost: () => [],
  close: () => {},
  pathsOf: () => ({ v1: {} }),
  ensure: () => [],
  has: () => true,
  missing: () => [],
  update: () => [],
  change: () => [],
  observe: () => [],
  filesOf: () => [],
  observeBudget: () => [],
  restore: () => [],
  nameOf: id => `tscompose/${id}`,
  remove: async () => {},
  kill: async () => {},
  freezer: () => ({
    freeze: async () => {},
    thaw: async () => {},
    release: () => {},
    frozen: () => false,
    freezing: () => false,
    held: () => false,
  }),
  processes: () => [],
  stats: () => ({}),
  list: () => [],
}
const host: Host = {
  architecture: 'x86_64',
  kernel: [6, 12],
  cgroups,
  fuse: true,
  ownClocks: true,
  capabilities: (1n << 41n) - 1n,
  rlimits: {},
  maskedPaths: [],
  warnings: [],
}

/** The native program copies an empty folder: it makes the target. */
export function copyNothing({ outside = [] }: Program): Record<string, never> {
  for (const op of outside) {
    if (op.op !== 'copyTree' || !op.create) continue
    const target = outside.find(each => each.op === 'open' && each.slot === op.toSlot)
    if (target?.op === 'open') mkdirSync(join(target.path, op.to))
  }
  return {}
}

/** An engine whose native program and machine are doubles, with what it told and warned of since it was opened. */
export interface UnkernelledEngine {
  readonly engine: Engine
  readonly native: RecordingNative
  readonly events: EventMessage[]
  /** Codes. */
  readonly warnings: string[]
}

/** Parts of the machine that a test plays otherwise. */
export interface Machine {
  readonly native: (script: NativeScript) => RecordingNative
  readonly cgroups: Partial<Cgroups>
  readonly onTable: NonNullable<EngineOptions['onTable']>
}

/** Opens the engine of `folder`/root and `folder`/run. */
export async function openWithoutKernel(
  folder: string,
  script: NativeScript = {},
  machine: Partial<Machine> = {},
): Promise<UnkernelledEngine> {
  const given = { run: copyNothing, ...script }
  const native = machine.native?.(given) ?? new RecordingNative(given)
  const warnings: string[] = []
  const engine = await openEngine({
    root: join(folder, 'root'),
    run: join(folder, 'run'),
    native,
    host: { ...host, cgroups: { ...cgroups, ...machine.cgroups } },
    // Ranges of ids are of the machine, and root's.
    userNamespaces: 'host',
    ...(machine.onTable === undefined ? {} : { onTable: machine.onTable }),
    onWarning: warning => warnings.push(warning.code),
  })
  const events: EventMessage[] = []
  const stream = await engine.system.events({ filters: {} }, new AbortController().signal)
  void (async () => {
    for await (const event of stream) events.push(event)
  })()
  return { engine, native, events, warnings }
}

/** Puts the image `app:1` into the store: it runs `serve` and has the volume /data. */
export async function storeImage(folder: string): Promise<void> {
  const store = await openImageStore({ root: join(folder, 'root/images') })
  await store.addImage(
    {
      architecture: 'amd64',
      os: 'linux',
      created: '2026-01-01T00:00:00Z',
      config: { Cmd: ['serve'], Volumes: { '/data': {} } },
      rootfs: { type: 'layers', diff_ids: [] },
      history: [],
    },
    ['app:1'],
  )
}
