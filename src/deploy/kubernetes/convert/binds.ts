import type { Project } from '../../../model/index.ts'
import type { PodVolume } from '../objects/pod.ts'
import type { Content, Contents } from './contents.ts'
import type { HostFile, Subject } from './context.ts'
import type { WorkloadKind } from './kind.ts'
import type { OwnMount } from './volume-users.ts'

/** What the mounts of a pod are made with. */
export interface MountMaker {
  readonly contents: Contents
  readonly kind: WorkloadKind
  readonly claimOf: (volume: string) => string
}

/** What takes the place of a bind: contents in the cluster, or a path of each node. */
export type Bind = { readonly content: Content; readonly mode: number } | Pick<PodVolume, 'hostPath'>

/**
 * A bind in a cluster, whose nodes have nothing of this machine. Small files go along as a ConfigMap; a path of the node is meant
 * by what runs on each node, or where the file says so. All else is left out, and told: the container then has what its image
 * has there, as source code that is mounted over that of the image while one works on it.
 */
export function bindOf(subject: Subject, maker: MountMaker, own: OwnMount): Bind | undefined {
  const { context, service } = subject
  const { mount, path } = own
  const source = mount.source ?? ''
  const choice = service['x-tscompose-kubernetes']?.binds
  const isOfNode = maker.kind === 'DaemonSet' && !isWithin(source, context.project.workingDir)
  if (choice === 'node' || (choice === undefined && isOfNode)) {
    context.notes.choose(
      path,
      `Volume of ${subject.name}`,
      `${source} of the node, which is not this machine's`,
    )
    return { hostPath: { path: source, ...(mount.bind?.create_host_path === false ? {} : { type: '' }) } }
  }
  if (choice === 'none') return omitted(subject, own, 'the file says so')
  const { context: buildContext } = service.build ?? {}
  if (buildContext !== undefined && isWithin(source, buildContext))
    return omitted(subject, own, 'the image is built with it')
  return contentOf(subject, maker, own)
}

function contentOf(subject: Subject, maker: MountMaker, own: OwnMount): Bind | undefined {
  const { context, name } = subject
  const { mount, path } = own
  const source = mount.source ?? ''
  // What is elsewhere is the machine's own, and may be anything: /proc has files that never end.
  const found: HostFile = isOfProject(context.project, source) ? context.read(source) : { kind: 'foreign' }
  const base = source.split('/').at(-1) ?? ''
  const files =
    found.kind === 'file' ? new Map([[base, found.bytes]]) : found.kind === 'folder' ? found.files : undefined
  if (files === undefined || files.size === 0) return leftOut(subject, own, found.kind)
  const content = maker.contents.files(`${name}-${base}`, source, files, found.kind === 'file')
  context.notes.choose(
    path,
    `ConfigMap ${content.object}`,
    `${base} goes along: nodes have nothing of this machine`,
  )
  if (mount.read_only !== true)
    context.notes.choose(path, `ConfigMap ${content.object}`, 'what is in a ConfigMap cannot be written to')
  return { content, mode: found.kind === 'file' && (found.mode & 0o111) !== 0 ? 0o555 : 0o444 }
}

function omitted({ context, name }: Subject, { path }: OwnMount, reason: string): undefined {
  context.notes.choose(path, `Container ${name}`, `the bind is left out: ${reason}`)
}

const REASONS = {
  foreign: 'it is no file of the project',
  file: 'it is empty',
  folder: 'it is a folder with more than goes into a ConfigMap, or nothing',
  large: 'it is more than goes into a ConfigMap',
  other: 'it is no file',
  missing: 'it is not here',
} as const

function leftOut(subject: Subject, { mount, path }: OwnMount, kind: keyof typeof REASONS): undefined {
  subject.context.notes.warn(
    'KUBERNETES_BIND',
    path,
    `nodes of a cluster do not have "${mount.source ?? ''}" of this machine, and ${REASONS[kind]}: "${mount.target}" is the image's own`,
    'put it into the image or on a named volume, or say x-tscompose-kubernetes: {binds: node}',
  )
}

/** Whether a path is where the project's files are. */
function isOfProject({ workingDir, configFiles }: Project, path: string): boolean {
  const folders = configFiles.map(file => file.slice(0, Math.max(1, file.lastIndexOf('/'))))
  return [workingDir, ...folders].some(folder => folder.length > 1 && isWithin(path, folder))
}

/** Whether a path is a folder or in it. */
function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith('/') ? folder : `${folder}/`)
}
