import { createHash } from 'node:crypto'
import type { Solved } from '../../../backend/solves.ts'
import type { BuildTrace } from '../../../types/index.ts'
import type { Encodable } from '../proto/messages.ts'
import type { Job } from './job.ts'
import type { Documents } from './past-build.ts'
import { PROVENANCE_TYPE, provenanceText } from './provenance.ts'
import { momentOf } from './status.ts'

const CONFIG_TYPE = 'application/vnd.docker.container.image.v1+json'

type HistoryRecord = Encodable<'BuildHistoryRecord'>

/** What is told of a build from its beginning on. */
export function recordOf({ terms, begun }: Job): HistoryRecord {
  const { Ref, Frontend, FrontendAttrs, Exporters } = terms
  return {
    Ref,
    Frontend,
    FrontendAttrs,
    Exporters: Exporters.map(({ Type, Attrs }) => ({ Type: Type === 'moby' ? 'image' : Type, Attrs })),
    CreatedAt: momentOf(begun.toISOString()),
  }
}

/** What has come of a build that went well. */
export interface Results {
  readonly results: Pick<HistoryRecord, 'Result' | 'Results'>
  readonly documents: Documents
}

/** Of a build that was not for an image. */
export const NO_RESULTS: Results = { results: {}, documents: {} }

/** The images that were made and where they come from, each with the documents that say so. */
export function resultsOf(job: Job, { images }: Solved): Results {
  const documents: Record<string, string> = {}
  const keep = (text: string, media: string, more: object = {}): Encodable<'Descriptor'> => {
    const digest = `sha256:${createHash('sha256').update(text).digest('hex')}`
    documents[digest] = text
    return { media_type: media, digest, size: Buffer.byteLength(text), ...more }
  }
  const infos = images.map(({ config, platform, facts }) => {
    const annotations = { 'in-toto.io/predicate-type': PROVENANCE_TYPE }
    const info = {
      Results: [{ key: 0, value: keep(JSON.stringify(config), CONFIG_TYPE) }],
      Attestations: [keep(provenanceText(job, facts), 'application/vnd.in-toto+json', { annotations })],
    }
    return [platform, info] as const
  })
  const [first, ...others] = infos
  const isOne = first !== undefined && others.length === 0
  return { documents, results: isOne ? { Result: first[1] } : { Results: Object.fromEntries(infos) } }
}

/** Steps and warnings of a build, from all that it told. */
export function countsOf(
  traces: readonly BuildTrace[],
): Pick<HistoryRecord, 'numCachedSteps' | 'numTotalSteps' | 'numCompletedSteps' | 'numWarnings'> {
  const steps = new Map(
    traces.flatMap(({ vertexes = [] }) => vertexes.map(each => [each.digest, each] as const)),
  )
  const all = [...steps.values()]
  return {
    numTotalSteps: all.length,
    numCachedSteps: all.filter(({ cached }) => cached === true).length,
    numCompletedSteps: all.filter(({ completed, error }) => completed !== undefined && error === undefined)
      .length,
    numWarnings: traces.reduce((total, { warnings = [] }) => total + warnings.length, 0),
  }
}
