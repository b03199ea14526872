import { basename, dirname } from 'node:path'
import { namesFolder } from '../../network/index.ts'
import type { Container } from '../state/container.ts'
import type { EngineContext } from '../state/context.ts'
import { PROJECT, projectLabel } from '../state/project.ts'
import type { WatchedFolder } from './folder-watch.ts'

/** The containers of a project. */
export function containersOf(
  { containers }: Pick<EngineContext, 'containers'>,
  project: string,
): Container[] {
  return [...containers.values()].filter(each => projectLabel(each) === project)
}

/** Its networks. */
export function networksOf(
  { networks }: Pick<EngineContext, 'networks'>,
  project: string,
): ReturnType<EngineContext['networks']['values']> {
  return networks.values().filter(({ labels }) => labels[PROJECT] === project)
}

/** Folders whose change may be drift of a project: groups, names, files of /etc, where volumes lie, and files that are bound by themselves. */
export function watchedFolders(
  engine: Pick<EngineContext, 'containers' | 'networks' | 'host' | 'paths'>,
  project: string,
): WatchedFolder[] {
  const running = containersOf(engine, project).filter(container => container.running)
  return [
    ...networksOf(engine, project).map(({ id }) => ({ path: namesFolder(engine.paths.run, id) })),
    ...running.flatMap(container => [
      ...groupsOf(engine, container).map(path => ({ path })),
      { path: container.paths.etc },
      { path: container.paths.folder, name: 'upper' },
      ...container.record.mounts.flatMap(({ type, source = '' }) =>
        type === 'bind' || type === 'volume' ? [{ path: dirname(source), name: basename(source) }] : [],
      ),
    ]),
  ]
}

function groupsOf({ host: { cgroups } }: Pick<EngineContext, 'host'>, { id }: Container): string[] {
  const { v1, unified } = cgroups.pathsOf(id)
  return [...Object.values(v1), ...(unified === undefined ? [] : [unified])]
}
