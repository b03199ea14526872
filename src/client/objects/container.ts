import type { Duplex, Readable } from 'node:stream'
import type { CallQueryOf, RouteName } from '../../api/routes.ts'
import type {
  ContainerConfig,
  ContainerCreateRequest,
  ContainerInspect,
  ContainerStats,
  ContainerStopResult,
  ContainerTopResponse,
  ContainerUpdateRequest,
  ContainerUpdateResponse,
  ContainerWaitResponse,
  ExecCreateRequest,
  FilesystemChange,
  ImageCommitResponse,
  PathStat,
} from '../../api/types/index.ts'
import { type Archive, openArchive } from '../calls/archive.ts'
import { adapt, type Callback, type OptionsOr } from '../calls/callback.ts'
import type { Call, CallControl, Modem } from '../modem/modem.ts'
import { Exec } from './exec.ts'

/** Options of a container's method: the query of its route. */
export type ContainerOptions<N extends RouteName> = CallQueryOf<N> & CallControl

/** Of `createContainer`: the body, with the name beside it as dockerode has it. */
export type CreateContainerOptions = ContainerCreateRequest & ContainerOptions<'containerCreate'>

/** Of `attach`: which streams, and how; `hijack` is what makes stdin a stream of its own. */
export interface AttachCallOptions extends ContainerOptions<'containerAttach'> {
  readonly hijack?: boolean | undefined
}

/** A container by id or name. Nothing is asked until a method is called. */
export class Container {
  readonly modem: Modem
  readonly id: string
  /** What the engine warned of when it created this one; empty for one that was looked up. */
  readonly warnings: readonly string[]

  constructor(modem: Modem, id: string, warnings: readonly string[] = []) {
    this.modem = modem
    this.id = id
    this.warnings = warnings
  }

  /** What it is and how it is. */
  inspect(
    options?: OptionsOr<ContainerOptions<'containerInspect'>, ContainerInspect>,
    callback?: Callback<ContainerInspect>,
  ): Promise<ContainerInspect> {
    return adapt(options, callback, bag => this.modem.json('containerInspect', this.#call(bag)))
  }

  /** Starts it; one that runs is a failure of kind `notModified`. */
  start(
    options?: OptionsOr<ContainerOptions<'containerStart'>, void>,
    callback?: Callback<void>,
  ): Promise<void> {
    return adapt(options, callback, bag => this.modem.json('containerStart', this.#call(bag)))
  }

  /** Stops it, `t` seconds at most; one that has ended is a failure of kind `notModified`. */
  stop(
    options?: OptionsOr<ContainerOptions<'containerStop'>, ContainerStopResult | undefined>,
    callback?: Callback<ContainerStopResult | undefined>,
  ): Promise<ContainerStopResult | undefined> {
    return adapt(options, callback, bag => {
      const asked: ContainerOptions<'containerStop'> = { ...bag, told: true }
      return this.modem.json('containerStop', this.#call(asked))
    })
  }

  /** Stops and starts it. */
  restart(
    options?: OptionsOr<ContainerOptions<'containerRestart'>, void>,
    callback?: Callback<void>,
  ): Promise<void> {
    return adapt(options, callback, bag => this.modem.json('containerRestart', this.#call(bag)))
  }

  /** Sends a signal, SIGKILL by default. */
  kill(
    options?: OptionsOr<ContainerOptions<'containerKill'>, void>,
    callback?: Callback<void>,
  ): Promise<void> {
    return adapt(options, callback, bag => this.modem.json('containerKill', this.#call(bag)))
  }

  /** Freezes its processes. */
  pause(options?: OptionsOr<CallControl, void>, callback?: Callback<void>): Promise<void> {
    return adapt(options, callback, bag => this.modem.json('containerPause', this.#call(bag)))
  }

  /** Lets them go on. */
  unpause(options?: OptionsOr<CallControl, void>, callback?: Callback<void>): Promise<void> {
    return adapt(options, callback, bag => this.modem.json('containerUnpause', this.#call(bag)))
  }

  /** Gives it another name. */
  rename(
    options: OptionsOr<ContainerOptions<'containerRename'>, void>,
    callback?: Callback<void>,
  ): Promise<void> {
    return adapt(options, callback, bag => this.modem.json('containerRename', this.#call(bag)))
  }

  /** Changes its limits and its restart policy. */
  update(
    options: OptionsOr<ContainerUpdateRequest & CallControl, ContainerUpdateResponse>,
    callback?: Callback<ContainerUpdateResponse>,
  ): Promise<ContainerUpdateResponse> {
    return adapt(options, callback, bag => this.modem.json('containerUpdate', this.#call(bag)))
  }

  /** Removes it; `v` its anonymous volumes too. */
  remove(
    options?: OptionsOr<ContainerOptions<'containerRemove'>, void>,
    callback?: Callback<void>,
  ): Promise<void> {
    return adapt(options, callback, bag => this.modem.json('containerRemove', this.#call(bag)))
  }

  /** Its exit, once the condition holds. */
  wait(
    options?: OptionsOr<ContainerOptions<'containerWait'>, ContainerWaitResponse>,
    callback?: Callback<ContainerWaitResponse>,
  ): Promise<ContainerWaitResponse> {
    return adapt(options, callback, bag => this.modem.json('containerWait', this.#call(bag)))
  }

  /** Its log: with `follow` a stream, without it all at once. Framed unless it has a terminal. */
  logs(
    options: ContainerOptions<'containerLogs'> & { readonly follow: true },
    callback?: Callback<Readable>,
  ): Promise<Readable>
  logs(
    options?: OptionsOr<ContainerOptions<'containerLogs'> & { readonly follow?: false }, Buffer>,
    callback?: Callback<Buffer>,
  ): Promise<Buffer>
  logs(
    options?: OptionsOr<ContainerOptions<'containerLogs'>, Readable & Buffer>,
    callback?: Callback<Readable & Buffer>,
  ): Promise<Readable | Buffer> {
    return adapt<ContainerOptions<'containerLogs'>, Readable | Buffer>(
      options as OptionsOr<ContainerOptions<'containerLogs'>, Readable | Buffer>,
      callback as Callback<Readable | Buffer> | undefined,
      bag => this.#read(bag?.follow === true, 'containerLogs', bag),
    )
  }

  /** Joins its streams. */
  attach(options?: OptionsOr<AttachCallOptions, Duplex>, callback?: Callback<Duplex>): Promise<Duplex> {
    return adapt(options, callback, bag =>
      this.modem.duplex('containerAttach', {
        ...this.#call(bag),
        hijack: bag?.hijack,
        openStdin: Boolean(bag?.stdin),
      }),
    )
  }

  /** Prepares a command in it; `start` of the result runs it. */
  exec(options: OptionsOr<ExecCreateRequest & CallControl, Exec>, callback?: Callback<Exec>): Promise<Exec> {
    return adapt(options, callback, async bag => {
      const created = await this.modem.json('execCreate', this.#call(bag))
      return new Exec(this.modem, created.Id)
    })
  }

  /** Sets its terminal's size. */
  resize(
    options?: OptionsOr<ContainerOptions<'containerResize'>, void>,
    callback?: Callback<void>,
  ): Promise<void> {
    return adapt(options, callback, bag => this.modem.json('containerResize', this.#call(bag)))
  }

  /** What it uses: with `stream: false` one sample, else a stream of JSON lines. */
  stats(
    options: ContainerOptions<'containerStats'> & { readonly stream: false },
    callback?: Callback<ContainerStats>,
  ): Promise<ContainerStats>
  stats(
    options?: OptionsOr<ContainerOptions<'containerStats'>, Readable>,
    callback?: Callback<Readable>,
  ): Promise<Readable>
  stats(
    options?: OptionsOr<ContainerOptions<'containerStats'>, Readable & ContainerStats>,
    callback?: Callback<Readable & ContainerStats>,
  ): Promise<Readable | ContainerStats> {
    return adapt<ContainerOptions<'containerStats'>, Readable | ContainerStats>(
      options as OptionsOr<ContainerOptions<'containerStats'>, Readable | ContainerStats>,
      callback as Callback<Readable | ContainerStats> | undefined,
      bag =>
        bag?.stream === false
          ? this.modem.json('containerStats', this.#call(bag))
          : this.modem.stream('containerStats', this.#call(bag)),
    )
  }

  /** Its processes. */
  top(
    options?: OptionsOr<ContainerOptions<'containerTop'>, ContainerTopResponse>,
    callback?: Callback<ContainerTopResponse>,
  ): Promise<ContainerTopResponse> {
    return adapt(options, callback, bag => this.modem.json('containerTop', this.#call(bag)))
  }

  /** What its writable layer has otherwise than its image. */
  changes(
    options?: OptionsOr<CallControl, readonly FilesystemChange[]>,
    callback?: Callback<readonly FilesystemChange[]>,
  ): Promise<readonly FilesystemChange[]> {
    return adapt(options, callback, bag => this.modem.json('containerChanges', this.#call(bag)))
  }

  /** Its root as a tar. */
  export(options?: OptionsOr<CallControl, Readable>, callback?: Callback<Readable>): Promise<Readable> {
    return adapt<CallControl, Readable>(options, callback, bag =>
      this.modem.stream('containerExport', this.#call(bag)),
    )
  }

  /** Makes an image of it; fields of a container's config among the options go before its own. */
  commit(
    options?: OptionsOr<ContainerConfig & ContainerOptions<'containerCommit'>, ImageCommitResponse>,
    callback?: Callback<ImageCommitResponse>,
  ): Promise<ImageCommitResponse> {
    return adapt<ContainerConfig & ContainerOptions<'containerCommit'>, ImageCommitResponse>(
      options,
      callback,
      bag => {
        const query: ContainerConfig & ContainerOptions<'containerCommit'> = { ...bag, container: this.id }
        return this.modem.json('containerCommit', { options: query })
      },
    )
  }

  /** A path of it as a tar. */
  getArchive(
    options: OptionsOr<ContainerOptions<'archiveGet'>, Readable>,
    callback?: Callback<Readable>,
  ): Promise<Readable> {
    return adapt<ContainerOptions<'archiveGet'>, Readable>(options, callback, bag =>
      this.modem.stream('archiveGet', this.#call(bag)),
    )
  }

  /** What a path in it is: see the header `x-docker-container-path-stat` of the answer. */
  infoArchive(
    options: OptionsOr<ContainerOptions<'archiveStat'>, Readable>,
    callback?: Callback<Readable>,
  ): Promise<Readable> {
    return adapt<ContainerOptions<'archiveStat'>, Readable>(options, callback, bag =>
      this.modem.stream('archiveStat', this.#call(bag)),
    )
  }

  /** Ours: what a path in it is, as the header of `infoArchive` says. A link is described, not followed. */
  async statPath(path: string): Promise<PathStat> {
    const query: ContainerOptions<'archiveStat'> = { path }
    const answer = await this.modem.stream('archiveStat', this.#call(query))
    answer.resume()
    const header = answer.headers['x-docker-container-path-stat'] ?? ''
    return JSON.parse(Buffer.from(header, 'base64').toString('utf8'))
  }

  /** Unpacks a tar (a stream, bytes, or a file's path) in a folder of it. */
  putArchive(
    file: Archive,
    options: OptionsOr<ContainerOptions<'archivePut'>, void>,
    callback?: Callback<void>,
  ): Promise<void> {
    return adapt(options, callback, async bag =>
      this.modem.json('archivePut', { ...this.#call(bag), file: await openArchive(file) }),
    )
  }

  #call(options: (object & CallControl) | undefined): Call {
    return { params: { id: this.id }, options }
  }

  #read(
    follow: boolean,
    name: RouteName,
    options: (object & CallControl) | undefined,
  ): Promise<Readable | Buffer> {
    const call = this.#call(options)
    return follow ? this.modem.stream(name, call) : this.modem.buffer(name, call)
  }
}
