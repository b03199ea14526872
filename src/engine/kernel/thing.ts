import type { Drift } from '../../api/types/index.ts'
import type { Inside, Links, ListedProtocol } from '../../network/index.ts'
import type { Container } from '../state/container.ts'
import type { EngineContext } from '../state/context.ts'
import type { NetworkRecord } from '../state/network-record.ts'
import type { Made } from './made.ts'
import type { Seen } from './seen.ts'

/** Inodes of the host's sockets by where they wait (`listenerPlace`), of protocols that were asked for. */
export type HostSockets = ReadonlyMap<ListedProtocol, ReadonlyMap<string, string>>

/** A container whose first process runs, or that sleeps without one, and what one look at the kernel has told of it. */
export interface ContainerSight {
  readonly engine: EngineContext
  readonly container: Container
  /** What it was made from; undefined where it has ended. */
  readonly made: Made | undefined
  /** What was read of it, as bytes; undefined where the look has failed. */
  readonly seen: Seen | undefined
  /** The host's links; undefined where the look has failed. */
  readonly host: Links | undefined
  /** Sockets that wait at the host's ports, by protocol, where the container has published some and the kernel lists them quickly. */
  readonly sockets: HostSockets
  /** The number of changes of rules that a network namespace begins with, as the kernel counts them. */
  readonly firstGeneration: number | undefined
  /** What is in its network namespace; undefined for one that is not its own, and where the look has failed. */
  readonly inside: Inside | undefined
}

/** A network that stands, likewise. */
export interface NetworkSight {
  readonly engine: EngineContext
  readonly network: NetworkRecord
  readonly host: Links | undefined
}

/**
 * A kind of thing in the kernel: what of it is otherwise than the engine set it up, and how that is put right where it stands. One file a thing, and
 * its place in the table (`index.ts`).
 */
export interface Thing<Sight> {
  /** What the paths of its drift begin with: a word, or several. */
  readonly paths: readonly string[]
  /** True: where it has drifted, what comes behind it in the table is not looked at. */
  readonly isGround?: true
  /** True: it outlasts a run, so that it is looked at of a container that sleeps without a process as well. */
  readonly outlasts?: true
  /**
   * All that `observe` goes by: bytes of a look, and values that are replaced by others when they change. Where it is the same as when nothing had
   * drifted, nothing has, and nobody asks further. Undefined: it is to be observed at each look.
   */
  basis?(sight: Sight): readonly unknown[] | undefined
  /** Whether the kernel says that nobody has changed it since this engine has made it, which succeeded whole: then it is right without a look. */
  untouched?(sight: Sight): boolean
  /** What of it is otherwise; undefined where that could not be seen. */
  observe(sight: Sight): readonly Drift[] | undefined | Promise<readonly Drift[] | undefined>
  /** Puts right what it has told of with `Repair: 'place'`. What is right already is not touched. The caller has the lock. */
  repair?(sight: Sight, drift: readonly Drift[]): Promise<void>
}

/** Whether a path is one of the thing's. */
export function tells({ paths }: Pick<Thing<never>, 'paths'>, { Path }: Pick<Drift, 'Path'>): boolean {
  return paths.some(each => Path === each || Path.startsWith(`${each}.`))
}

/** Drift as the network folder tells of it, in the API's spelling, to be put right where it stands. */
export function inPlace({ path, want, got }: { path: string; want: string; got: string }): Drift {
  return { Path: path, Want: want, Got: got, Repair: 'place' }
}
