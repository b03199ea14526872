import { LABEL } from '../project/labels.ts'
import { imageReference } from '../project/names.ts'
import { compareText } from '../spec/canonical.ts'
import type { Down } from './context.ts'

/** `local`: images that the project built; `all`: also those that its services name. */
export function removeImages(
  { project, observed, builder }: Down,
  which: 'local' | 'all',
  after: readonly string[],
): void {
  const references = Object.entries(project.model.services).map(([name, service]) =>
    imageReference(project.name, name, service),
  )
  for (const reference of [...new Set(references)].sort(compareText)) {
    const image = observed.images[reference]
    if (image === undefined) continue
    const isOurs =
      image.labels[LABEL.project] === project.name ||
      Object.keys(project.model.services).some(name => reference === `${project.name}-${name}`)
    if (which === 'local' && !isOurs) continue
    builder.add({
      type: 'removeImage',
      id: `image:${reference}:remove`,
      after,
      resource: { kind: 'image', name: reference },
      action: 'remove',
      cause: `down --rmi ${which}`,
      changes: [],
      bestEffort: true,
      reference,
    })
  }
}
