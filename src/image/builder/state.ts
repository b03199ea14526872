import { digestOf } from '../../oci/digest-of.ts'
import type { Platform } from '../../oci/platform.ts'
import type { ContainerConfig, HistoryEntry, ImageConfig } from '../config.ts'
import { PATH_DEFAULT } from '../defaults.ts'

/** What a stage takes over from the image that it begins with. */
export type StageBase = Pick<
  ImageConfig,
  'architecture' | 'os' | 'variant' | 'config' | 'history' | 'created' | 'author'
>

/** Names and values of ARGs; undefined for one that has none. */
export type Args = ReadonlyMap<string, string | undefined>

/** How tools that read a history know that its entries are instructions of a Dockerfile, written as BuildKit writes them. */
const COMMENT = 'buildkit.dockerfile.v0'

/** How often steps were done, by their keys. */
export type StepsDone = ReadonlyMap<string, number>

/** What a stage has become. */
export interface BuiltStage {
  readonly image: ImageConfig
  /** ARGs declared in it, which a stage that begins with it has as well. */
  readonly args: Args
  readonly done: StepsDone
}

/** A stage while it is built: layers so far, and the config that its image will have. */
export class StageState {
  /** Number of the stage in the Dockerfile. */
  readonly index: number
  readonly platform: Platform
  diffIds: readonly string[]
  config: ContainerConfig
  history: readonly HistoryEntry[]
  /** Time of the newest layer; a step that makes none takes it over, so that a cached build gives the same image. */
  created: string
  author: string | undefined
  readonly #args: Map<string, string | undefined>
  readonly #done: Map<string, number>
  /** What ARG and ENV set so far. */
  readonly #variables: Map<string, string>
  /** True once this stage itself has a CMD: its ENTRYPOINT then does not reset it. */
  ownCommand: boolean = false

  private constructor(
    index: number,
    base: StageBase,
    diffIds: readonly string[],
    args: Args,
    done: StepsDone,
  ) {
    this.index = index
    const { os, architecture, variant } = base
    this.platform = { os, architecture, ...(variant === undefined ? {} : { variant }) }
    this.diffIds = diffIds
    this.config = base.config
    this.history = base.history
    this.created = base.created
    this.author = base.author
    this.#args = new Map(args)
    this.#done = new Map(done)
    const given = [...args].flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const]))
    this.#variables = new Map([...given, ...this.environment()])
  }

  /** `FROM scratch`. */
  static empty(index: number, platform: Platform): StageState {
    return new StageState(
      index,
      {
        ...platform,
        config: { Env: [`PATH=${PATH_DEFAULT}`], WorkingDir: '/' },
        history: [],
        created: '1970-01-01T00:00:00Z',
      },
      [],
      new Map(),
      new Map(),
    )
  }

  /** FROM an image, or an earlier stage's image. Its ONBUILD triggers are not inherited. */
  static from(
    index: number,
    base: StageBase,
    diffIds: readonly string[],
    args: Args = new Map(),
    done: StepsDone = new Map(),
  ): StageState {
    const { OnBuild: _, ...config } = base.config
    return new StageState(index, { ...base, config }, diffIds, args, done)
  }

  /** Sets parts of the config. */
  set(change: ContainerConfig): void {
    this.config = { ...this.config, ...change }
  }

  /** How often the step of a key was done in this stage, and in the one that it begins with, before now. */
  repeatsOf(key: string): number {
    const before = this.#done.get(key) ?? 0
    this.#done.set(key, before + 1)
    return before
  }

  get done(): StepsDone {
    return this.#done
  }

  /** Notes a step that changed no file. */
  recordEmpty(text: string): void {
    this.history = [
      ...this.history,
      { created: this.created, created_by: text, comment: COMMENT, empty_layer: true },
    ]
  }

  /** Notes a step that made a layer. */
  recordLayer(text: string, diffId: string, created: string): void {
    this.diffIds = [...this.diffIds, diffId]
    this.created = created
    this.history = [...this.history, { created, created_by: text, comment: COMMENT }]
  }

  /** Environment by name, in order. */
  environment(): ReadonlyMap<string, string> {
    return new Map(
      (this.config.Env ?? []).map(line => {
        const equals = line.indexOf('=')
        return equals === -1
          ? ([line, ''] as const)
          : ([line.slice(0, equals), line.slice(equals + 1)] as const)
      }),
    )
  }

  /** ENV: for what follows, and for the image. */
  setEnvironment(pairs: readonly (readonly [string, string])[]): void {
    for (const [name, value] of pairs) this.#variables.set(name, value)
    const environment = new Map([...this.environment(), ...pairs])
    this.set({ Env: [...environment].map(([name, value]) => `${name}=${value}`) })
  }

  /** ARG: for what follows in this stage; one without a value leaves the variable as it is. */
  declare(name: string, value: string | undefined): void {
    this.#args.set(name, value)
    if (value !== undefined) this.#variables.set(name, value)
  }

  /** A variable as expansions see it: the last ARG or ENV has its say, also over one of the base image. */
  lookup(name: string): string | undefined {
    return this.#variables.get(name)
  }

  /** What a command sees. */
  get variables(): ReadonlyMap<string, string> {
    return this.#variables
  }

  /** The ARGs so far, as declared. */
  get args(): Args {
    return this.#args
  }

  get workingDir(): string {
    return this.config.WorkingDir === undefined || this.config.WorkingDir === ''
      ? '/'
      : this.config.WorkingDir
  }

  get shell(): readonly string[] {
    return this.config.Shell ?? ['/bin/sh', '-c']
  }

  /** The image as it would be now. */
  imageConfig(): ImageConfig {
    return {
      ...this.platform,
      ...(this.author === undefined ? {} : { author: this.author }),
      created: this.created,
      config: this.config,
      rootfs: { type: 'layers', diff_ids: this.diffIds },
      history: this.history,
    }
  }

  /** A short name of the state, for progress. */
  id(): string {
    return digestOf(JSON.stringify(this.imageConfig()))
  }
}
