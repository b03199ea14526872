import type { Duplex, Readable } from 'node:stream'
import type { RouteName } from '../../api/routes.ts'
import type {
  Checkpoint,
  ContainerInspect,
  ContainerStats,
  ContainerStopResult,
  ContainerTopResponse,
  ContainerUpdateResponse,
  ContainerWaitResponse,
  FilesystemChange,
  ImageCommitResponse,
  PathStat,
  Refusal,
} from '../../api/types/index.ts'
import type { Archive, CallControl, Options } from '../calls/call.ts'
import { type Args, type Callback, take } from '../calls/callback.ts'
import { CallerById } from '../calls/caller.ts'
import type { Answer } from '../http/answer.ts'
import type { Modem } from '../modem/modem.ts'
import { Exec } from './exec.ts'

/** Options of a container's method: the query of its route. */
export type ContainerOptions<N extends RouteName> = Options<N>

/** Of `createContainer`: the body, with the name beside it as dockerode has it. */
export type CreateContainerOptions = Omit<Options<'containerCreate'>, 'Cmd' | 'Entrypoint'> & {
  /** A word alone is a list of one, as is that of `Entrypoint`. */
  readonly Cmd?: string | readonly string[] | undefined
  readonly Entrypoint?: string | readonly string[] | undefined
}

/** Of `attach`: which streams, and how; `hijack` is what makes stdin a stream of its own. */
export interface AttachCallOptions extends Options<'containerAttach'> {
  readonly hijack?: boolean | undefined
}

/** Of `copy`, which Docker has no more. */
export interface CopyCallOptions extends CallControl {
  readonly Resource?: string | undefined
}

type Logs = Options<'containerLogs'>
type Stats = Options<'containerStats'>

/** A container by id or name. */
export class Container extends CallerById {
  /** What the engine warned of when it created this one; empty for one that was looked up. */
  readonly warnings: readonly string[]
  /** Options that calls of a method begin with, by its name (of `logs` by `log`, as dockerode has it). */
  defaultOptions: Record<string, object> = {}

  constructor(modem: Modem, id: string, warnings: readonly string[] = []) {
    super(modem, id)
    this.warnings = warnings
  }

  /** What it is and how it is. */
  inspect(...args: Args<Options<'containerInspect'>, ContainerInspect>): Promise<ContainerInspect> {
    return this.ask('containerInspect', args)
  }

  /** Starts it; one that runs is a failure of kind `notModified`. */
  start(...args: Args<Options<'containerStart'>, void>): Promise<void> {
    return this.ask('containerStart', this.#with('start', args))
  }

  /** Stops it, `t` seconds at most; one that has ended is a failure of kind `notModified`. */
  stop(
    ...args: Args<Options<'containerStop'>, ContainerStopResult | undefined>
  ): Promise<ContainerStopResult | undefined> {
    return this.ask('containerStop', this.#with('stop', args))
  }

  /** Stops and starts it. */
  restart(...args: Args<Options<'containerRestart'>, void>): Promise<void> {
    return this.ask('containerRestart', this.#with('restart', args))
  }

  /** Sends a signal, SIGKILL by default. */
  kill(...args: Args<Options<'containerKill'>, void>): Promise<void> {
    return this.ask('containerKill', this.#with('kill', args))
  }

  /** Freezes its processes. */
  pause(...args: Args<CallControl, void>): Promise<void> {
    return this.ask('containerPause', this.#with('pause', args))
  }

  /** Lets them go on. */
  unpause(...args: Args<CallControl, void>): Promise<void> {
    return this.ask('containerUnpause', this.#with('unpause', args))
  }

  /** Gives it another name. */
  rename(...args: Args<Options<'containerRename'>, void>): Promise<void> {
    return this.ask('containerRename', this.#with('rename', args))
  }

  /** Changes its limits and its restart policy. */
  update(
    ...args: Args<Options<'containerUpdate'>, ContainerUpdateResponse>
  ): Promise<ContainerUpdateResponse> {
    return this.ask('containerUpdate', this.#with('update', args))
  }

  /** Ours: puts right in the kernel what has drifted at these paths, while it runs. */
  repair(...args: Args<Options<'containerRepair'>, void>): Promise<void> {
    return this.ask('containerRepair', args)
  }

  /** Ours: gives it, which runs beside the one whose place it takes, the names and ports of that one. */
  relieve(...args: Args<CallControl, void>): Promise<void> {
    return this.ask('containerRelieve', args)
  }

  /** Ours: resolves when nobody is connected to it any more, after `t` seconds at most. */
  drain(...args: Args<Options<'containerDrain'>, void>): Promise<void> {
    return this.ask('containerDrain', args)
  }

  /** Removes it; `v` its anonymous volumes too. */
  remove(...args: Args<Options<'containerRemove'>, void>): Promise<void> {
    return this.ask('containerRemove', this.#with('remove', args))
  }

  /** Its exit, once the condition holds. */
  wait(...args: Args<Options<'containerWait'>, ContainerWaitResponse>): Promise<ContainerWaitResponse> {
    return this.ask('containerWait', this.#with('wait', args))
  }

  /** Its log: with `follow` a stream, without it all at once. Framed unless it has a terminal. */
  logs(options: Logs & { readonly follow: true }, callback?: Callback<Readable>): Promise<Readable>
  logs(
    options?: (Logs & { readonly follow?: false | undefined }) | Callback<Buffer> | null,
    callback?: Callback<Buffer>,
  ): Promise<Buffer>
  logs(...args: Args<Logs, Readable & Buffer>): Promise<Readable | Buffer>
  logs(...args: Args<Logs, Readable & Buffer>): Promise<Readable | Buffer> {
    return this.work(this.#with('log', args as Args<Logs, Readable | Buffer>), options =>
      options?.follow ? this.stream('containerLogs', options) : this.bytes('containerLogs', options),
    )
  }

  /** Ours: its log as a stream, followed or not, with the headers of the answer. */
  async openLogs(options: Logs): Promise<Answer> {
    return (await this.stream('containerLogs', options)) as Answer
  }

  /** Ours: `wait` that resolves when the engine knows of it; the answer's body is the exit, once it comes. */
  async openWait(options: Options<'containerWait'>): Promise<Answer> {
    return (await this.stream('containerWait', options)) as Answer
  }

  /** Joins its streams. */
  attach(...args: Args<AttachCallOptions, Duplex>): Promise<Duplex> {
    return this.work(this.#with('attach', args), options =>
      this.duplex('containerAttach', options, {
        hijack: options?.hijack,
        openStdin: Boolean(options?.stdin),
      }),
    )
  }

  /** Prepares a command in it; `start` of the result runs it. */
  exec(...args: Args<Options<'execCreate'>, Exec>): Promise<Exec> {
    return this.work(this.#with('exec', args), async options => {
      const created = await this.value('execCreate', options)
      return new Exec(this.modem, created.Id)
    })
  }

  /** Sets its terminal's size. */
  resize(...args: Args<Options<'containerResize'>, void>): Promise<void> {
    return this.ask('containerResize', this.#with('resize', args))
  }

  /** What it uses: with `stream: false` one sample, else a stream of JSON lines. */
  stats(
    options: Stats & { readonly stream: false },
    callback?: Callback<ContainerStats>,
  ): Promise<ContainerStats>
  stats(options?: Stats | Callback<Readable> | null, callback?: Callback<Readable>): Promise<Readable>
  stats(...args: Args<Stats, Readable & ContainerStats>): Promise<Readable | ContainerStats>
  stats(...args: Args<Stats, Readable & ContainerStats>): Promise<Readable | ContainerStats> {
    return this.work(
      this.#with('stats', args as Args<Stats, Readable | ContainerStats>),
      (options): Promise<Readable | ContainerStats> =>
        options?.stream === false
          ? this.value('containerStats', options)
          : this.stream('containerStats', options),
    )
  }

  /** Ours, which other engines do not know: what it asks its resolver, as JSON lines. */
  dnsLog(): Promise<Readable> {
    return this.stream('containerDnsLog', {})
  }

  /** Ours, which other engines do not know: what it was kept from by its egress. */
  refused(): Promise<readonly Refusal[]> {
    return this.value('containerRefused', {})
  }

  /** Its processes. */
  top(...args: Args<Options<'containerTop'>, ContainerTopResponse>): Promise<ContainerTopResponse> {
    return this.ask('containerTop', this.#with('top', args))
  }

  /** What its writable layer has otherwise than its image. */
  changes(...args: Args<CallControl, readonly FilesystemChange[]>): Promise<readonly FilesystemChange[]> {
    return this.ask('containerChanges', args)
  }

  /** Its root as a tar. */
  export(...args: Args<CallControl, Readable>): Promise<Readable> {
    return this.open('containerExport', args)
  }

  /** Makes an image of it; fields of a container's config among the options go before its own. */
  commit(...args: Args<Options<'containerCommit'>, ImageCommitResponse>): Promise<ImageCommitResponse> {
    return this.work(this.#with('commit', args), options => {
      const bag: Options<'containerCommit'> = { ...options, container: this.id }
      return this.value('containerCommit', bag)
    })
  }

  /** A path of it as a tar. */
  getArchive(...args: Args<Options<'archiveGet'>, Readable>): Promise<Readable> {
    return this.open('archiveGet', this.#with('getArchive', args))
  }

  /** What a path in it is: see the header `x-docker-container-path-stat` of the answer. */
  infoArchive(...args: Args<Options<'archiveStat'>, Readable>): Promise<Readable> {
    return this.open('archiveStat', this.#with('infoArchive', args))
  }

  /** Ours: what a path in it is, as the header of `infoArchive` says. A link is described, not followed. */
  async statPath(path: string): Promise<PathStat> {
    const query: Options<'archiveStat'> = { path }
    const answer = (await this.stream('archiveStat', query)) as Answer
    answer.resume()
    const header = answer.headers['x-docker-container-path-stat'] ?? ''
    return JSON.parse(Buffer.from(header, 'base64').toString('utf8'))
  }

  /** Unpacks a tar (a stream, bytes, or a file's path) in a folder of it. */
  putArchive(file: Archive, ...args: Args<Options<'archivePut'>, void>): Promise<void> {
    return this.ask('archivePut', this.#with('putArchive', args), { file })
  }

  /** The checkpoints that it can be started from. */
  listCheckpoint(
    ...args: Args<Options<'checkpointList'>, readonly Checkpoint[]>
  ): Promise<readonly Checkpoint[]> {
    return this.ask('checkpointList', args)
  }

  /** Writes its processes down. */
  createCheckpoint(...args: Args<Options<'checkpointCreate'>, void>): Promise<void> {
    return this.ask('checkpointCreate', args)
  }

  /** Forgets a checkpoint. */
  deleteCheckpoint(checkpoint: string, ...args: Args<Options<'checkpointRemove'>, void>): Promise<void> {
    return this.ask('checkpointRemove', args, { params: { ...this.params, checkpoint } })
  }

  /** @deprecated Of API 1.19 and before: `getArchive` is in its place. */
  copy(...args: Args<CopyCallOptions, Readable>): Promise<Readable> {
    return this.work(this.#with('copy', args), options => {
      const { abortSignal, _body, ...fields } = options ?? {}
      const path = `/containers/${encodeURIComponent(this.id)}/copy`
      const statusCodes = { 200: true, 404: 'no such container', 500: 'server error' }
      return new Promise((resolve, reject) => {
        this.modem.dial(
          { path, method: 'POST', options: _body ?? fields, isStream: true, statusCodes, abortSignal },
          (error, result) => (error ? reject(error) : resolve(result as Readable)),
        )
      })
    })
  }

  #with<O extends object, R>(method: string, args: Args<O, R>): Args<O, R> {
    const defaults = this.defaultOptions[method]
    if (defaults === undefined) return args
    const { options, callback } = take<O, R>(args)
    return [{ ...defaults, ...options } as O, callback]
  }
}
