import { failure } from '../../../../diagnostics/index.ts'
import type { BuildRecords } from '../../../backend/build-records.ts'
import type { Solved } from '../../../backend/solves.ts'
import type { BuildTrace } from '../../../types/index.ts'
import type { RpcStatus } from '../grpc/error.ts'
import type { Report } from '../grpc/service.ts'
import type { Decoded, Encodable } from '../proto/messages.ts'
import { countsOf, NO_RESULTS, recordOf, resultsOf } from './build-record.ts'
import type { Job } from './job.ts'
import type { Jobs } from './jobs.ts'
import { type Documents, type PastBuild, packBuild, unpackBuild } from './past-build.ts'
import { momentOf } from './status.ts'

/** Builds that are remembered; pinned ones beyond that. */
const MOST = 50
const EVENT = { started: 0, complete: 1, deleted: 2 } as const

type HistoryRecord = Encodable<'BuildHistoryRecord'>
type Event = Encodable<'BuildHistoryEvent'>

/** A build that is being remembered. */
export interface Recording {
  end(response: Readonly<Record<string, string>>, solved: Solved | undefined): Promise<void>
  fail(status: RpcStatus): Promise<void>
}

/** Builds that have ended, the newest last; what they told is read when somebody asks. */
export class History {
  readonly #records: BuildRecords
  readonly #report: Report
  /** Whole where it could not be written. */
  readonly #past = new Map<string, Omit<PastBuild, 'traces'> & Partial<Pick<PastBuild, 'traces'>>>()
  readonly #listeners = new Set<(event: Event) => void>()
  #loaded: Promise<void> | undefined

  constructor(records: BuildRecords, report: Report) {
    this.#records = records
    this.#report = report
  }

  /** Clients' own questions are no builds. */
  begin(job: Job): Recording {
    const nothing = async (): Promise<void> => undefined
    if (job.terms.Internal) return { end: nothing, fail: nothing }
    this.#tell({ type: EVENT.started, record: recordOf(job) })
    return {
      end: async (response, solved) => {
        const { results, documents } = solved === undefined ? NO_RESULTS : resultsOf(job, solved)
        await this.#keep(job, { ExporterResponse: response, ...results }, documents)
      },
      fail: ({ code, message }) => this.#keep(job, { error: { code, message } }, {}),
    }
  }

  /** What a build told that has ended. */
  async traces(ref: string): Promise<readonly BuildTrace[] | undefined> {
    await this.#load()
    const past = this.#past.get(ref)
    if (past === undefined || past.traces !== undefined) return past?.traces
    const bytes = await this.#records.find(ref)
    return bytes === undefined ? [] : ((await unpackBuild(bytes))?.traces ?? [])
  }

  /** What is told of the result of some build, by its digest. */
  async document(digest: string): Promise<string | undefined> {
    await this.#load()
    for (const { documents } of this.#past.values())
      if (Object.hasOwn(documents, digest)) return documents[digest]
    return undefined
  }

  /** First what there is, the newest first, then what happens, unless that is not wanted. */
  async *listen(
    { ActiveOnly, Ref, EarlyExit, Limit }: Decoded<'BuildHistoryRequest'>,
    running: readonly Job[],
    signal: AbortSignal,
  ): AsyncGenerator<Event> {
    await this.#load()
    const isWanted = (ref: string | undefined): boolean => Ref === '' || ref === Ref
    const events: Event[] = []
    let wake = (): void => undefined
    const hear = (event: Event): void => {
      if (isWanted(event.record?.Ref)) events.push(event)
      wake()
    }
    const leave = (): void => wake()
    this.#listeners.add(hear)
    signal.addEventListener('abort', leave)
    try {
      const active = running.filter(({ terms }) => !terms.Internal).map(recordOf)
      const past = ActiveOnly ? [] : [...this.#past.values()].toReversed().map(({ record }) => record)
      const told = [
        ...active.map(record => ({ type: EVENT.started, record })),
        ...past.slice(0, Limit > 0 ? Limit : past.length).map(record => ({ type: EVENT.complete, record })),
      ]
      for (const event of told) if (isWanted(event.record.Ref)) yield event
      while (!EarlyExit && !signal.aborted) {
        yield* events.splice(0)
        if (events.length > 0 || signal.aborted) continue
        await new Promise<void>(resolve => {
          wake = resolve
        })
      }
    } finally {
      this.#listeners.delete(hear)
      signal.removeEventListener('abort', leave)
    }
  }

  /** One that is gone may be deleted again. Raises BUILD_RECORD_MISSING. */
  async update({ Ref, Pinned, Delete }: Decoded<'UpdateBuildHistoryRequest'>): Promise<void> {
    await this.#load()
    const past = this.#past.get(Ref)
    if (past === undefined && Delete) return
    if (past === undefined)
      throw failure({ code: 'BUILD_RECORD_MISSING', kind: 'notFound', summary: `no build record ${Ref}` })
    if (Delete) {
      this.#past.delete(Ref)
      await this.#records.remove(Ref)
      this.#tell({ type: EVENT.deleted, record: past.record })
      return
    }
    const traces = (await this.traces(Ref)) ?? []
    await this.#store({ ...past, record: { ...past.record, pinned: Pinned }, traces })
  }

  async #keep(job: Job, ended: Partial<HistoryRecord>, documents: Documents): Promise<void> {
    await this.#load()
    const traces = [...job.story.told]
    const completed = momentOf(new Date().toISOString())
    const record = { ...recordOf(job), ...countsOf(traces), ...ended, CompletedAt: completed }
    await this.#store({ record, traces, documents })
    this.#tell({ type: EVENT.complete, record })
    for (const [ref, { record: old }] of this.#past) {
      if (this.#past.size <= MOST) break
      if (old.pinned === true) continue
      this.#past.delete(ref)
      await this.#trying(() => this.#records.remove(ref))
    }
  }

  /** A build has gone well though nothing can be written of it. */
  async #store({ traces, ...build }: PastBuild): Promise<void> {
    const ref = build.record.Ref ?? ''
    this.#past.set(ref, { ...build, traces })
    await this.#trying(async () => {
      await this.#records.write(ref, await packBuild({ ...build, traces }))
      if (this.#past.has(ref)) this.#past.set(ref, build)
    })
  }

  async #trying(work: () => Promise<void>): Promise<void> {
    try {
      await work()
    } catch (error) {
      this.#report(error)
    }
  }

  #load(): Promise<void> {
    this.#loaded ??= this.#trying(() => this.#readAll())
    return this.#loaded
  }

  async #readAll(): Promise<void> {
    const found: PastBuild[] = []
    for (const bytes of await this.#records.read()) {
      const build = await unpackBuild(bytes)
      if (build !== undefined) found.push(build)
    }
    for (const { record, documents } of found.sort((a, b) => createdAt(a) - createdAt(b)))
      this.#past.set(record.Ref ?? '', { record, documents })
  }

  #tell(event: Event): void {
    for (const hear of this.#listeners) hear(event)
  }
}

/** What a build tells, while it runs or afterwards. Raises StatusFailure where there is none of that name, and none comes. */
export async function* tracesOf(
  { jobs, history }: { readonly jobs: Jobs; readonly history: History },
  ref: string,
  signal: AbortSignal,
): AsyncGenerator<BuildTrace> {
  const found = new AbortController()
  // While the history is read a job may come and end of which that knows nothing.
  const coming = jobs.find(ref, AbortSignal.any([signal, found.signal]))
  coming.catch(() => undefined)
  const past = await history.traces(ref)
  if (past === undefined) yield* (await coming).story.follow(signal)
  else {
    found.abort()
    yield* past
  }
}

function createdAt({ record: { CreatedAt } }: PastBuild): number {
  return (CreatedAt?.seconds ?? 0) + (CreatedAt?.nanos ?? 0) / 1e9
}
