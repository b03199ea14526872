import { type ContainerConfig, type HistoryEntry, type ImageConfig, parseImageConfig } from '../../config.ts'
import type { ArchiveFiles, ArchiveImage, ArchiveLayer } from './archive-files.ts'
import { asInvalid, invalid, parseText, tagOf } from './invalid.ts'

/** More layers than any image has had: a chain that leads back into itself ends here. */
const LONGEST = 500
const ID = /^[a-f0-9]{64}$/

/** A layer's own description in archives from before images had configs (`docker save` until 1.9). */
interface LegacyLayer {
  readonly parent?: string
  readonly created?: string
  readonly author?: string
  readonly comment?: string
  readonly architecture?: string
  readonly os?: string
  readonly config?: ContainerConfig
  readonly container_config?: { readonly Cmd?: unknown } | null
}

interface Link {
  readonly described: LegacyLayer
  readonly layer: ArchiveLayer
}

/** The images of a `repositories` file: repository → tag → id of the uppermost layer. Their configs are made here. */
export function legacyImages(files: ArchiveFiles, repositories: unknown): readonly ArchiveImage[] {
  const tags = new Map<string, string[]>()
  for (const [name, ids] of Object.entries(repositories ?? {})) {
    for (const [tag, id] of Object.entries((ids ?? {}) as Readonly<Record<string, unknown>>)) {
      if (typeof id !== 'string' || !ID.test(id)) throw invalid(`"repositories" names no layer for ${name}`)
      tags.set(id, [...(tags.get(id) ?? []), tagOf(`${name}:${tag}`)])
    }
  }
  if (tags.size === 0) throw invalid('"repositories" names no image')
  return [...tags].map(([id, own]) => ({
    ...imageOf(chainOf(files, id)),
    tags: own,
    manifests: [],
    predicates: [],
    others: [],
  }))
}

/** The layers of an image, bottom first. */
function chainOf(files: ArchiveFiles, top: string): readonly Link[] {
  const chain: Link[] = []
  for (let id: string | undefined = top; id !== undefined && id !== ''; ) {
    const text = ID.test(id) ? files.text(`${id}/json`) : undefined
    const layer = files.layer(`${id}/layer.tar`)
    if (text === undefined || layer === undefined) throw invalid(`it lacks the layer ${id}`)
    if (chain.length === LONGEST) throw invalid(`${top} has more than ${LONGEST} layers`)
    const described = (parseText(text, `${id}/json`) ?? {}) as LegacyLayer
    chain.unshift({ described, layer })
    id = typeof described.parent === 'string' ? described.parent : undefined
  }
  return chain
}

function imageOf(chain: readonly Link[]): Pick<ArchiveImage, 'config' | 'bytes' | 'layers'> {
  const { author, created, architecture, os, config } = chain.at(-1)?.described ?? {}
  const layers = chain.map(({ layer }) => layer)
  const image: ImageConfig = {
    architecture: architecture ?? 'amd64',
    os: os ?? 'linux',
    ...(author === undefined ? {} : { author }),
    created: created ?? EPOCH,
    config: config ?? {},
    rootfs: { type: 'layers', diff_ids: layers.map(({ diffId }) => diffId) },
    history: chain.map(({ described }) => historyOf(described)),
  }
  const bytes = Buffer.from(JSON.stringify(image))
  return { config: asInvalid(() => parseImageConfig(bytes)), bytes, layers }
}

const EPOCH = '1970-01-01T00:00:00Z'

function historyOf({ created, comment, container_config }: LegacyLayer): HistoryEntry {
  const command = container_config?.Cmd
  return {
    created: created ?? EPOCH,
    created_by: Array.isArray(command) ? command.join(' ') : '',
    ...(comment === undefined || comment === '' ? {} : { comment }),
  }
}
