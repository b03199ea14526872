import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import type { SavedSnapshot, SnapshotOutcome } from '../api/types/index.ts'
import { failure } from '../diagnostics/index.ts'
import { writeFileAtomicSync } from '../linux/atomic-file.ts'
import {
  type ConnectedProject,
  connectFromLabels,
  exclusively,
  type LockRequest,
  whileConnected,
} from './connected-project.ts'
import { fillingFile, forgetFilling } from './fillings.ts'
import { look } from './look.ts'
import { checkFolder, checkFolders } from './other-folder.ts'
import { resolveProject } from './project-name.ts'
import { environmentOf, isForeign, type Target } from './target.ts'
import { bringUp, type UpRequest } from './up.ts'
import { withNextEngine } from './with-next-engine.ts'

export type { LeftOut, NotStarted, SavedSnapshot, SnapshotOutcome } from '../api/types/index.ts'

/** How to wait for whoever works on the project, and what is told meanwhile. */
export type SnapshotRequest = Pick<LockRequest, 'onWait' | 'signal'>

/**
 * Keeps the data of a project as it is at one moment: its volumes, and what its containers have written into their own files. Errors: SNAPSHOT_EXISTS,
 * SNAPSHOT_NAME, SNAPSHOT_EMPTY, SNAPSHOT_SHARED, SNAPSHOT_ENGINE, PROJECT_OF_OTHER_FOLDER.
 */
export function saveSnapshot(
  target: Target,
  name: string,
  request: SnapshotRequest = {},
): Promise<SnapshotOutcome> {
  return alone(target, 'snapshot save', request, ({ docker, project }) =>
    docker.saveSnapshot({ Project: project.name, Name: name, Folder: project.workingDir }),
  )
}

/**
 * Puts it back, `name` or `project/name`: what runs of the project is stopped meanwhile, and runs again. What was written since is lost. Errors: SNAPSHOT_NOT_FOUND,
 * SNAPSHOT_SHARED, SNAPSHOT_ENGINE, PROJECT_OF_OTHER_FOLDER.
 */
export function restoreSnapshot(
  target: Target,
  name: string,
  request: SnapshotRequest = {},
): Promise<SnapshotOutcome> {
  return alone(target, 'snapshot restore', request, connected => putBack(connected, name))
}

/** Creates what is missing of the project and puts a snapshot into it; nothing is started that did not run. Errors as of `restoreSnapshot`. */
export async function createFromSnapshot(
  connected: ConnectedProject,
  name: string,
  request: UpRequest = {},
): Promise<SnapshotOutcome> {
  // Before anything is made for it.
  await findSnapshot(connected, name)
  const { wait: _, waitTimeout: _timeout, saved: _saved, ...create } = request
  const { project, target } = connected
  const env = environmentOf(target)
  const filling = fillingFile(env, project.name)
  mkdirSync(dirname(filling), { recursive: true, mode: 0o700 })
  writeFileAtomicSync(filling, Buffer.from(name))
  await bringUp(connected, { ...create, start: false }, 'up --from')
  const outcome = await exclusively(connected, lockOf('up --from', request), () => putBack(connected, name))
  forgetFilling(env, project.name)
  return outcome
}

/** The snapshots of a project, or with `all` of every one; the oldest first. */
export async function listSnapshots(
  target: Target,
  { all = false }: { readonly all?: boolean } = {},
): Promise<readonly SavedSnapshot[]> {
  checkEngine(target)
  const project = all ? {} : { project: (await resolveProject(target)).name }
  return look(environmentOf(target), 'all', docker => docker.listSnapshots(project))
}

/** Forgets snapshots of the project; what others stand on stays as long as they do. Errors: SNAPSHOT_NOT_FOUND, PROJECT_OF_OTHER_FOLDER. */
export function removeSnapshots(
  target: Target,
  names: readonly string[],
  request: SnapshotRequest = {},
): Promise<void> {
  return alone(target, 'snapshot rm', request, async connected => {
    const { docker, project } = connected
    for (const each of names) {
      const [own, name] = partsOf(each, project.name)
      if (own === project.name) await checkOrigin(connected, name)
      await docker.removeSnapshot(own, name)
    }
  })
}

/**
 * For who only says what would be done to snapshots: whether they are there to be put back, or with `own` to be forgotten. Errors: SNAPSHOT_NOT_FOUND,
 * SNAPSHOT_ENGINE, PROJECT_OF_OTHER_FOLDER.
 */
export function checkSnapshots(
  target: Target,
  names: readonly string[],
  { own = false }: { readonly own?: boolean } = {},
): Promise<void> {
  checkEngine(target)
  return whileConnected(connectFromLabels(target), async connected => {
    for (const name of names)
      await findSnapshot(connected, own ? partsOf(name, connected.project.name).join('/') : name)
  })
}

/** Which snapshot a name means here, `name` or `project/name`. Errors: SNAPSHOT_NOT_FOUND, SNAPSHOT_ENGINE, PROJECT_OF_OTHER_FOLDER. */
export async function findSnapshot(
  connected: ConnectedProject,
  name: string,
): Promise<{ readonly Project: string; readonly Name: string }> {
  const { docker, project, target } = connected
  checkEngine(target)
  // Whose the project is comes first: another folder's snapshots are nothing to tell of.
  await checkFolder(connected)
  const [own, Name] = partsOf(name, project.name)
  const Project = name.includes('/') ? own : await holderOf(docker, project, Name)
  const saved = await docker.listSnapshots({ project: Project })
  if (!saved.some(each => each.Name === Name))
    throw failure({
      code: 'SNAPSHOT_NOT_FOUND',
      kind: 'notFound',
      summary: `project "${Project}" has no snapshot "${Name}"`,
      hint: 'tscompose snapshot ls --all tells which there are',
    })
  if (Project === project.name) await checkOrigin(connected, Name)
  return { Project, Name }
}

async function putBack(connected: ConnectedProject, name: string): Promise<SnapshotOutcome> {
  const { docker, project, target } = connected
  const { Project, Name } = await findSnapshot(connected, name)
  // What was put back by an engine that died over it is put back once more.
  return withNextEngine({ target }, {}, () => docker.restoreSnapshot({ Project, Name, To: project.name }))
}

/** A snapshot outlives its project's containers: that another folder has the same name does not make it that one's. */
async function checkOrigin(connected: ConnectedProject, name: string): Promise<void> {
  const { docker, project } = connected
  const saved = await docker.listSnapshots({ project: project.name })
  checkFolders(
    saved.filter(({ Name }) => Name === name).map(({ Folder }) => Folder),
    connected,
  )
}

/** An instance takes a snapshot of its own, else that of the project that it is an instance of. */
async function holderOf(
  docker: ConnectedProject['docker'],
  { name, instance }: ConnectedProject['project'],
  wanted: string,
): Promise<string> {
  if (instance === undefined) return name
  const own = await docker.listSnapshots({ project: name })
  return own.some(({ Name }) => Name === wanted) ? name : name.slice(0, -(instance.name.length + 1))
}

/** `project/name`, or a name of this project's. */
function partsOf(text: string, project: string): [project: string, name: string] {
  const [first = '', second] = text.split('/')
  return second === undefined ? [project, first] : [first, second]
}

async function alone<T>(
  target: Target,
  word: string,
  request: SnapshotRequest,
  work: (connected: ConnectedProject) => Promise<T>,
): Promise<T> {
  checkEngine(target)
  return whileConnected(connectFromLabels(target), connected =>
    exclusively(connected, lockOf(word, request), async () => {
      await checkFolder(connected)
      return work(connected)
    }),
  )
}

function lockOf(word: string, { onWait, signal }: SnapshotRequest): LockRequest {
  return {
    command: `tscompose ${word}`,
    ...(onWait === undefined ? {} : { onWait }),
    ...(signal === undefined ? {} : { signal }),
  }
}

/** SNAPSHOT_ENGINE: another engine has none. */
function checkEngine(target: Target): void {
  if (!isForeign(environmentOf(target))) return
  throw failure({
    code: 'SNAPSHOT_ENGINE',
    kind: 'notImplemented',
    summary: 'the engine that DOCKER_HOST names has no snapshots',
    hint: "they are our engine's alone: unset DOCKER_HOST",
  })
}
