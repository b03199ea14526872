import { failure } from '../../diagnostics/index.ts'
import { digestOf } from '../../oci/digest-of.ts'
import { hostPlatform } from '../../oci/platform.ts'
import { familiarReference, type Reference } from '../../oci/reference.ts'
import type { ImageConfig } from '../config.ts'
import { PATH_DEFAULT } from '../defaults.ts'
import type { CacheEntry } from '../store/cache.ts'
import type { SourceContext, SourcedImage } from '../store/source.ts'
import type { Release } from './distribution.ts'
import { furnish } from './furnish.ts'
import { type HostApt, readHostApt, sourceLines } from './mirror.ts'
import { mmdebstrap } from './mmdebstrap.ts'

/** How long a system made before is taken for another name of the same release. */
const FRESH_MS = 24 * 3600 * 1000
/** Counts up when the same release would be made differently. */
const VERSION = 1

/** Makes the image of a release from its archive, and says so. */
export async function bootstrap(
  reference: Reference,
  release: Release,
  context: SourceContext,
): Promise<SourcedImage> {
  const { lease, onProgress } = context
  const name = familiarReference(reference)
  onProgress({
    status: `${name}: no registry at hand, making it from the package archive of ${release.distribution}`,
  })
  const host = await readHostApt()
  const sources = sourceLines(release, host)
  const key = digestOf(JSON.stringify(['archive', VERSION, release, sources]))
  const { entry, made } = await lease.cache.once(key, {
    fresh: false,
    usable: async found => isFresh(found) && (await lease.layerInfo(found.diffId ?? '')) !== undefined,
    make: () => makeLayer(release, host, sources, context),
  })
  onProgress({ status: `${name}: ${made ? 'made' : 'taken over'} from the archive` })
  return { config: configOf(release, entry) }
}

async function makeLayer(
  release: Release,
  host: HostApt,
  sources: readonly string[] | undefined,
  { lease, onProgress, signal }: SourceContext,
): Promise<CacheEntry> {
  const draft = await lease.draft()
  try {
    await mmdebstrap({
      suite: release.suite,
      target: draft.upper,
      sources,
      aptOptions: host.options,
      signal,
      // `I:` are its steps; warnings concern whoever wants a system to log into, and stay for the failure.
      onLine: line => {
        if (line.startsWith('I: ')) onProgress({ id: release.suite, status: line.slice('I: '.length) })
      },
    })
    await furnish(draft.upper, release, sources)
    const info = await draft.commit()
    if (info === undefined)
      throw failure({ code: 'ARCHIVE_FAILED', summary: `the system of "${release.suite}" is empty` })
    return { diffId: info.diffId, created: new Date().toISOString(), text: commandText(release) }
  } finally {
    await draft.discard()
  }
}

function isFresh({ created }: CacheEntry): boolean {
  return Date.now() - Date.parse(created) < FRESH_MS
}

function configOf(release: Release, { diffId, created }: CacheEntry): ImageConfig {
  return {
    ...hostPlatform(),
    created,
    config: {
      Env: [`PATH=${PATH_DEFAULT}`],
      Cmd: ['bash'],
      Labels: {
        'org.tscompose.source': 'archive',
        'org.tscompose.archive.distribution': release.distribution,
        'org.tscompose.archive.suite': release.suite,
      },
    },
    rootfs: { type: 'layers', diff_ids: diffId === undefined ? [] : [diffId] },
    history: [{ created, created_by: commandText(release), comment: 'from the package archive' }],
  }
}

function commandText({ suite, slim }: Release): string {
  return `mmdebstrap --variant=minbase ${suite}${slim ? ' # slim' : ''}`
}
