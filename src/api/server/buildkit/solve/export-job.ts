import type { Backend } from '../../../backend/backend.ts'
import type { BuildClient } from '../../../backend/build-client.ts'
import type { Solved } from '../../../backend/solves.ts'
import type { Session } from '../session/session.ts'
import { type ExporterTerms, exportSolved } from './exporters.ts'
import type { Job } from './job.ts'

/** What an export of a job needs besides the job. */
export interface ExportMeans {
  readonly backend: Pick<Backend, 'images'>
  /** The client that takes files. */
  readonly session: () => Promise<Session>
}

/** Puts what a job made where its client wants it, and its steps where they are to go. What clients are told of it. */
export async function exportJob(
  job: Job,
  solved: Solved,
  client: Pick<BuildClient, 'credentials'>,
  { backend, session }: ExportMeans,
): Promise<Readonly<Record<string, string>>> {
  const push = async (name: string, say: (line: string) => void): Promise<void> => {
    const auth = await client.credentials(name.slice(0, name.indexOf('/')))
    const progress = await backend.images.push(name, auth === undefined ? {} : { auth }, job.signal)
    for await (const { id, status, progressDetail } of progress)
      if (status !== undefined && progressDetail?.current === undefined)
        say(id === undefined ? status : `${id} ${status}`)
  }
  const terms = { session, push, signal: job.signal }
  const response = await job.during(exportSolved(solved, exportersOf(job.terms), terms))
  job.signal.throwIfAborted()
  const caches = await job.during(solved.exportCaches())
  // A client that has a store of its own puts it into its index.
  return { ...response, ...(caches.length === 0 ? {} : { 'cache.manifest': JSON.stringify(caches.at(-1)) }) }
}

function exportersOf(terms: Job['terms']): readonly ExporterTerms[] {
  if (terms.Exporters.length > 0) return terms.Exporters
  const { ExporterDeprecated: Type, ExporterAttrsDeprecated: Attrs } = terms
  return Type === '' ? [] : [{ Type, Attrs }]
}
