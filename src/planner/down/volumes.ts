import { byName, volumeNamed } from '../observed/find.ts'
import { LABEL } from '../project/labels.ts'
import { isAnonymousVolume } from '../project/names.ts'
import { compareText } from '../spec/canonical.ts'
import type { Down } from './context.ts'

/** Named volumes of the model, never external ones and never those that something else made. */
export function removeVolumes({ project, observed, builder }: Down, after: readonly string[]): void {
  const volumes = Object.values(project.model.volumes ?? {}).sort((a, b) => compareText(a.name, b.name))
  const external = new Set(volumes.flatMap(({ name, external }) => (external === true ? [name] : [])))
  // Several keys may stand for one volume.
  const byVolume = new Map(volumes.map(volume => [volume.name, volume]))
  for (const volume of byVolume.values()) {
    const found = volumeNamed(observed, volume.name)
    if (found === undefined || external.has(volume.name)) continue
    if (found.project !== project.name) {
      builder.warn(
        'VOLUME_NOT_FROM_COMPOSE',
        `volume "${volume.name}" was not made for project "${project.name}" and is left`,
        `remove it with "docker volume rm ${volume.name}"`,
      )
      continue
    }
    builder.add({
      type: 'removeVolume',
      id: `volume:${volume.name}:remove`,
      after,
      resource: { kind: 'volume', name: volume.name },
      action: 'remove',
      cause: 'down --volumes',
      changes: [],
      bestEffort: true,
    })
  }
}

/**
 * Anonymous volumes that a container took over from the one it replaced: to the engine they are named by then, so that
 * removing the container with its anonymous volumes leaves them.
 */
export function removeInherited({ observed, builder }: Down): void {
  for (const container of [...observed.containers].sort(byName)) {
    const removal = `container:${container.name}:remove`
    if (container.labels[LABEL.replace] === undefined || !builder.has(removal)) continue
    for (const { type, name } of container.mounts) {
      const id = `volume:${name}:remove`
      if (type !== 'volume' || !isAnonymousVolume(name) || builder.has(id)) continue
      builder.add({
        type: 'removeVolume',
        id,
        after: [removal],
        resource: { kind: 'volume', name },
        action: 'remove',
        cause: 'down --volumes',
        changes: [],
        bestEffort: true,
      })
    }
  }
}
