import { failure } from '../../../../diagnostics/index.ts'
import type { BuildTrace } from '../../../types/index.ts'
import type { RpcStatus } from '../grpc/error.ts'
import type { Decoded, Encodable } from '../proto/messages.ts'
import type { Job } from './job.ts'
import { momentOf } from './status.ts'

/** Builds that are remembered, as long as the engine lives; pinned ones beyond that. */
const MOST = 50
const EVENT = { started: 0, complete: 1, deleted: 2 } as const

interface Past {
  readonly record: Encodable<'BuildHistoryRecord'>
  readonly traces: readonly BuildTrace[]
  isPinned: boolean
}

/** A build that is being remembered. */
export interface Recording {
  end(response: Readonly<Record<string, string>>): void
  fail(status: RpcStatus): void
}

/** Builds that have ended, the newest last. */
export class History {
  readonly #past = new Map<string, Past>()
  readonly #listeners = new Set<(event: Encodable<'BuildHistoryEvent'>) => void>()

  /** Clients' own questions are no builds. */
  begin(job: Job): Recording {
    if (job.terms.Internal) return { end: () => undefined, fail: () => undefined }
    this.#tell({ type: EVENT.started, record: recordOf(job) })
    return {
      end: response => this.#keep(job, { ExporterResponse: response }),
      fail: ({ code, message }) => this.#keep(job, { error: { code, message } }),
    }
  }

  /** What a build told that has ended. */
  traces(ref: string): readonly BuildTrace[] | undefined {
    return this.#past.get(ref)?.traces
  }

  /** First what there is, the newest first, then what happens, unless that is not wanted. */
  async *listen(
    { ActiveOnly, Ref, EarlyExit, Limit }: Decoded<'BuildHistoryRequest'>,
    running: readonly Job[],
    signal: AbortSignal,
  ): AsyncGenerator<Encodable<'BuildHistoryEvent'>> {
    const isWanted = (ref: string | undefined): boolean => Ref === '' || ref === Ref
    const events: Encodable<'BuildHistoryEvent'>[] = []
    let wake = (): void => undefined
    const hear = (event: Encodable<'BuildHistoryEvent'>): void => {
      if (isWanted(event.record?.Ref)) events.push(event)
      wake()
    }
    this.#listeners.add(hear)
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
        if (events.length > 0) continue
        await new Promise<void>(resolve => {
          wake = resolve
          signal.addEventListener('abort', () => resolve(), { once: true })
        })
      }
    } finally {
      this.#listeners.delete(hear)
    }
  }

  /** Raises BUILD_RECORD_MISSING. */
  update({ Ref, Pinned, Delete }: Decoded<'UpdateBuildHistoryRequest'>): void {
    const past = this.#past.get(Ref)
    if (past === undefined)
      throw failure({ code: 'BUILD_RECORD_MISSING', kind: 'notFound', summary: `no build record ${Ref}` })
    past.isPinned = Pinned
    if (!Delete) return
    this.#past.delete(Ref)
    this.#tell({ type: EVENT.deleted, record: past.record })
  }

  #keep(job: Job, ended: Pick<Encodable<'BuildHistoryRecord'>, 'ExporterResponse' | 'error'>): void {
    const traces = [...job.story.told]
    const record = {
      ...recordOf(job),
      ...countsOf(traces),
      ...ended,
      CompletedAt: momentOf(new Date().toISOString()),
    }
    this.#past.set(job.terms.Ref, { record, traces, isPinned: false })
    for (const [ref, { isPinned }] of this.#past) {
      if (this.#past.size <= MOST) break
      if (!isPinned) this.#past.delete(ref)
    }
    this.#tell({ type: EVENT.complete, record })
  }

  #tell(event: Encodable<'BuildHistoryEvent'>): void {
    for (const hear of this.#listeners) hear(event)
  }
}

function recordOf({ terms, begun }: Job): Encodable<'BuildHistoryRecord'> {
  const { Ref, Frontend, FrontendAttrs, Exporters } = terms
  return {
    Ref,
    Frontend,
    FrontendAttrs,
    Exporters: Exporters.map(({ Type, Attrs }) => ({ Type: Type === 'moby' ? 'image' : Type, Attrs })),
    CreatedAt: momentOf(begun.toISOString()),
  }
}

function countsOf(
  traces: readonly BuildTrace[],
): Pick<
  Encodable<'BuildHistoryRecord'>,
  'numCachedSteps' | 'numTotalSteps' | 'numCompletedSteps' | 'numWarnings'
> {
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
