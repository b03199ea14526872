import type { ContainerStatus, ContainerWaitResponse } from '../../api/types/index.ts'
import type { PublishedTarget } from '../../network/index.ts'
import { PATIENCE } from '../runtime/index.ts'
import { type ContainerTerms, termsOf } from '../terms/index.ts'
import type { ContainerRecord, RunRecord, StateRecord } from './container-record.ts'
import { Deliveries } from './deliveries.ts'
import type { HealthState } from './health-state.ts'
import type { HeldNetwork } from './held-network.ts'
import type { Live } from './live.ts'
import type { ContainerPaths } from './paths.ts'
import type { PendingAttach } from './pending-attach.ts'
import { writeRecord, writeVolatile } from './record-files.ts'

/** Of what belongs to one run. */
type RunChanges = Partial<Pick<ContainerRecord, 'endpoints' | 'ports' | 'state'>>

/** One container in memory: its record, and what its monitor tells while there is one. */
export class Container {
  readonly paths: ContainerPaths
  live: Live | undefined
  paused = false
  removing = false
  /** Between the two halves of a restart that was asked for. */
  restarting = false
  /** Between the wish to start and the monitor's answer. */
  starting = false
  /** Published ports of the present run with the addresses that they lead to, for the firewall. */
  published: readonly PublishedTarget[] = []
  /** Where connections go that have come by ports which another has by now (`relieve.ts`). */
  draining: readonly PublishedTarget[] = []
  /** Undefined without a health check, and while it does not run. */
  health: HealthState | undefined
  /** The network namespace that its next start comes back to, where nobody else keeps it. */
  heldNetwork: HeldNetwork | undefined
  /** Clients that attached before the start. */
  readonly pendingAttaches: Set<PendingAttach> = new Set()
  /** How far those who are attached are with its output. */
  readonly deliveries: Deliveries = new Deliveries(PATIENCE)
  /** Who follows its log: files that rotation would take away are kept for them. */
  logFollowers = 0
  /** Unix nanoseconds of the last exit that its monitor told. */
  lastExit = 0n
  /** Who is in it: execs that run, clients that may type. It does not fall asleep meanwhile. */
  readonly users: Set<unknown> = new Set()
  /** Has it sleep by its terms, until aborted. */
  sleepWatch: AbortController | undefined
  /** Ids of its execs, for `inspect`. */
  readonly execIds: Set<string> = new Set()
  /** The monitor of the last run has gone, and with it the last line of the log has been written. */
  monitorGone: Promise<void> = Promise.resolve()
  /** What is still being cleared away after the last run; the next start and a removal wait for it. */
  cleanup: Promise<void> = Promise.resolve()
  /** Nothing is left of the last run outside of its folder. */
  isCleared = false
  /** Until clients of an engine that died may have come back: it does not remove itself before, and the engine stays. */
  returning: Promise<void> | undefined
  #record: ContainerRecord
  #terms: ContainerTerms
  #assumed: ContainerTerms | undefined
  /** How long the file of its state is, once it was written. */
  #stateBytes: number | undefined
  readonly #exitListeners = new Set<(result: ContainerWaitResponse) => void>()
  readonly #removalListeners = new Set<(problem: string | undefined) => void>()
  #tellWaited: () => void = () => {}
  readonly #waited = new Promise<void>(resolve => {
    this.#tellWaited = resolve
  })

  constructor(record: ContainerRecord, paths: ContainerPaths) {
    this.#record = record
    this.#terms = termsOf(record.config, record.hostConfig)
    this.paths = paths
  }

  get id(): string {
    return this.#record.id
  }

  get name(): string {
    return this.#record.name
  }

  get record(): ContainerRecord {
    return this.#record
  }

  /** What it was made with, in the engine's words. */
  get terms(): ContainerTerms {
    return this.#assumed ?? this.#terms
  }

  /** Has it count as made with these terms, which are about to be in its record; undefined: with those of the record again. */
  assume(terms: ContainerTerms | undefined): void {
    this.#assumed = terms
  }

  /** Changes what the user decided, on disk first. */
  save(changes: Partial<Omit<ContainerRecord, 'version' | 'id' | 'created'>>): void {
    const next: ContainerRecord = { ...this.#record, ...changes }
    writeRecord(this.paths.record, next)
    this.#record = next
    this.#terms = termsOf(next.config, next.hostConfig)
    // The other file counts as the newer one for what it holds.
    if (changes.endpoints !== undefined) this.saveRun({})
  }

  /** Changes what belongs to one run; holds in memory even when the disk takes nothing any more. */
  saveRun(changes: RunChanges): void {
    this.decideRun(changes)
    const { endpoints, ports, state } = this.#record
    const run: RunRecord = { version: 1, endpoints, ports, state }
    const before = this.#stateBytes
    // Of a write that fails nobody knows how far it came.
    this.#stateBytes = undefined
    this.#stateBytes = writeVolatile(this.paths.state, run, before)
  }

  /** The same in memory alone: of a start that has not come so far that an engine after this one would find anything of it. */
  decideRun(changes: RunChanges): void {
    this.#record = { ...this.#record, ...changes }
  }

  /** As `saveRun`, for some fields of the state. */
  saveState(changes: Partial<StateRecord>): void {
    this.saveRun({ state: { ...this.#record.state, ...changes } })
  }

  /** Its addresses, names and ports are its own now: others must keep off. */
  get holdsAddresses(): boolean {
    return this.starting || this.live !== undefined
  }

  /** It has a process now. */
  get running(): boolean {
    return this.live?.status?.phase === 'running'
  }

  /** It has no process, and its monitor begins the next run when somebody comes: all else that it has in the kernel is there. */
  get restsWithoutProcess(): boolean {
    return this.asleep && !this.running
  }

  /** It runs, or its monitor will start it again. */
  get active(): boolean {
    const phase = this.live?.status?.phase
    return phase === 'running' || phase === 'restarting'
  }

  /** It stands still, or has no process, and goes on by itself when somebody comes. */
  get asleep(): boolean {
    return this.live?.status?.asleep === true && this.active
  }

  get status(): ContainerStatus {
    if (this.removing) return 'removing'
    if (this.asleep && !this.paused) return 'running'
    if (this.running) return this.paused ? 'paused' : 'running'
    if (this.restarting || this.live?.status?.phase === 'restarting') return 'restarting'
    return this.#record.state.startedAt === undefined ? 'created' : 'exited'
  }

  /** Calls `listener` at each exit, restarts included, until the function returned is called. */
  onExit(listener: (result: ContainerWaitResponse) => void): () => void {
    this.#exitListeners.add(listener)
    return () => this.#exitListeners.delete(listener)
  }

  tellExit(result: ContainerWaitResponse): void {
    for (const listener of [...this.#exitListeners]) listener(result)
  }

  /** Calls `listener` when the container has been removed, or could not be, with why. */
  onRemoval(listener: (problem: string | undefined) => void): () => void {
    this.#removalListeners.add(listener)
    this.#tellWaited()
    return () => this.#removalListeners.delete(listener)
  }

  /** Resolves when the first client waits for its end. */
  get waited(): Promise<void> {
    return this.#waited
  }

  tellRemoval(problem?: string): void {
    for (const listener of [...this.#removalListeners]) listener(problem)
  }
}
