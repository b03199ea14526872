import { chmod, chown, mkdir, readdir, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { nodePath } from '../../linux/name-text.ts'
import type { TreeSource } from '../layer/trees.ts'
import type { StoreLease } from '../store/lease.ts'
import type { StepTools } from './layer-step.ts'
import type { RunMount } from './runner.ts'
import { type Agent, openAgent } from './ssh-agent.ts'
import type { Keyed } from './step-key.ts'

/** Permission bits and owner of a mount's source; absent where the instruction says nothing. */
export interface MountOwner {
  readonly mode: string | undefined
  readonly uid: string | undefined
  readonly gid: string | undefined
}

/** Where the source of a bind lies. */
export interface BindSource {
  readonly root: TreeSource
  /** Inside the root. */
  readonly path: string
  readonly hostPath: string
}

/** A folder that outlives the build, and whose content decides nothing. */
export interface CacheMount extends MountOwner {
  readonly type: 'cache'
  readonly id: string
  readonly target: string
  readonly readonly: boolean
  readonly sharing: string
  /** What it begins with. */
  readonly seed: Keyed<BindSource> | undefined
}

/** A `--mount` of a RUN with everything resolved: all that the command can see of it. */
export type StepMount =
  | {
      readonly type: 'bind'
      readonly target: string
      readonly writable: boolean
      readonly source: Keyed<BindSource>
    }
  | CacheMount
  | { readonly type: 'tmpfs'; readonly target: string; readonly sizeBytes: number | undefined }
  /** A file at `target`, or a variable; nothing when the build was not given it. */
  | (MountOwner & {
      readonly type: 'secret'
      readonly id: string
      readonly target: string | undefined
      readonly variable: string | undefined
      readonly content: Keyed<Uint8Array | undefined>
    })
  /** An agent's socket; not there when the build was not given it. */
  | (MountOwner & {
      readonly type: 'ssh'
      readonly id: string
      readonly target: string
      /** Programs look for this one. */
      readonly isFirst: boolean
      readonly agent: Keyed<Agent | undefined>
    })

/** Name of a cache: one id with another owner or mode is another cache, or a step would find what the last one set. */
export function cacheName({ id, mode, uid, gid, seed }: CacheMount): string {
  const owner = [mode, uid, gid, ...(seed === undefined ? [] : [seed.key])]
  return owner.every(part => part === undefined) ? id : JSON.stringify([id, ...owner.map(part => part ?? '')])
}

/** What a mount becomes for the runner. */
export interface SetUp {
  readonly mounts: readonly RunMount[]
  /** `NAME=value` of secrets that are wanted as variables. */
  readonly env: readonly string[]
  /** Ends what serves a mount while the command runs. */
  readonly end?: () => void
}

/** What mounts are set up with. */
export type MountTools = Pick<StepTools, 'lease' | 'trees'>

/** Makes what mounts need on this host; temporary things go with the lease, `end` is to be called when the command has ended. */
export async function setupMounts(
  tools: MountTools,
  planned: readonly StepMount[],
): Promise<SetUp & { readonly end: () => void }> {
  const parts: SetUp[] = []
  for (const mount of planned) parts.push(await setupMount(tools, mount))
  return {
    mounts: parts.flatMap(({ mounts }) => mounts),
    env: parts.flatMap(({ env }) => env),
    end: () => {
      for (const { end } of parts) end?.()
    },
  }
}

async function setupMount(tools: MountTools, mount: StepMount): Promise<SetUp> {
  const { lease } = tools
  switch (mount.type) {
    case 'bind':
      return only(await setupBind(lease, mount))
    case 'cache': {
      const source = await lease.cacheMount(cacheName(mount))
      await seedCache(tools, source, mount)
      return only({ type: 'bind', source, target: mount.target, readonly: mount.readonly })
    }
    case 'tmpfs': {
      const { type, target, sizeBytes } = mount
      return only({ type, target, ...(sizeBytes === undefined ? {} : { sizeBytes }) })
    }
    case 'secret':
      return setupSecret(lease, mount)
    case 'ssh':
      return setupSsh(lease, mount)
  }
}

/** An empty cache gets what it is to begin with; one that somebody has emptied, too. */
async function seedCache({ lease, trees }: MountTools, folder: string, mount: CacheMount): Promise<void> {
  const seed = mount.seed?.value
  if (seed === undefined) return applyOwner(folder, mount, '755')
  const { mode, uid, gid } = await stat(nodePath(seed.hostPath))
  if ((await readdir(folder)).length === 0) {
    const work = join(await lease.tempFolder(), 'work')
    await mkdir(work)
    await trees.copy({
      layers: await lease.folders([]),
      upper: folder,
      work,
      source: seed.root,
      folders: [],
      items: [{ from: seed.path, to: '/' }],
    })
  }
  const own = { mode: (mode & 0o7777).toString(8), uid: String(uid), gid: String(gid) }
  await applyOwner(
    folder,
    { mode: mount.mode ?? own.mode, uid: mount.uid ?? own.uid, gid: mount.gid ?? own.gid },
    '755',
  )
}

async function setupSsh(lease: StoreLease, mount: Extract<StepMount, { type: 'ssh' }>): Promise<SetUp> {
  const { target, isFirst, mode = '600', uid = '0', gid = '0' } = mount
  const env = isFirst ? [`SSH_AUTH_SOCK=${target}`] : []
  const agent = mount.agent.value
  if (agent === undefined) return { mounts: [], env }
  const owner = { mode: Number.parseInt(mode, 8), uid: Number(uid), gid: Number(gid) }
  const { path, end } = await openAgent(agent, await lease.tempFolder(), owner)
  return { mounts: [{ type: 'bind', source: path, target, readonly: true }], env, end }
}

/** A bind is read-only; with `rw` the command gets a place of its own, whose changes are thrown away. */
async function setupBind(
  lease: StoreLease,
  { target, writable, source }: Extract<StepMount, { type: 'bind' }>,
): Promise<RunMount> {
  const { root, path, hostPath } = source.value
  if (root.type === 'folder' && !writable) return { type: 'bind', source: hostPath, target, readonly: true }
  const layers = root.type === 'layers' ? root.layers : [root.folder]
  const changes = writable ? await changesFolders(lease) : undefined
  return { type: 'layers', layers, path, target, ...(changes === undefined ? {} : { changes }) }
}

async function changesFolders(lease: StoreLease): Promise<{ upper: string; work: string }> {
  const folder = await lease.tempFolder()
  const [upper, work] = [join(folder, 'upper'), join(folder, 'work')]
  for (const path of [upper, work]) await mkdir(path, { mode: 0o755 })
  return { upper, work }
}

async function setupSecret(lease: StoreLease, mount: Extract<StepMount, { type: 'secret' }>): Promise<SetUp> {
  const { id, target, variable } = mount
  const content = mount.content.value
  if (content === undefined) return { mounts: [], env: [] }
  const env = variable === undefined ? [] : [`${variable}=${Buffer.from(content).toString('utf8')}`]
  if (variable !== undefined && target === undefined) return { mounts: [], env }
  const source = join(await lease.tempFolder(), 'secret')
  await writeFile(source, content, { mode: 0o400 })
  await applyOwner(source, mount, '400')
  return { mounts: [{ type: 'bind', source, target: target ?? `/run/secrets/${id}`, readonly: true }], env }
}

/** Mode and owner of a mount's source; root's without `uid` and `gid`, which is who made it. */
async function applyOwner(path: string, { mode, uid, gid }: MountOwner, modeDefault: string): Promise<void> {
  await chmod(path, Number.parseInt(mode ?? modeDefault, 8))
  if (uid === undefined && gid === undefined) return
  await chown(path, Number(uid ?? 0), Number(gid ?? 0))
}

function only(mount: RunMount): SetUp {
  return { mounts: [mount], env: [] }
}
