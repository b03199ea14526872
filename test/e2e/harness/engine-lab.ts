import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pack } from 'tar-stream'
import type {
  ContainerCreateRequest,
  EventMessage,
  ImageBuildOptions,
  LogOptions,
} from '../../../src/api/types/index.ts'
import type { Diagnostic } from '../../../src/diagnostics/index.ts'
import { type Engine, type EngineOptions, openEngine } from '../../../src/engine/index.ts'
import { createNative, type Native } from '../../../src/native/index.ts'

const DOCKERFILE = `FROM scratch
COPY busybox /bin/busybox
RUN ["/bin/busybox", "--install", "-s", "/bin"]
RUN mkdir -p /data /etc /tmp && echo from-image > /data/file && chown 33:34 /data && chmod 750 /data
COPY passwd group /etc/
CMD ["sleep", "1000"]
`
const BUILD: ImageBuildOptions = {
  dockerfile: 'Dockerfile',
  tags: ['bb'],
  quiet: false,
  noCache: false,
  cacheFrom: [],
  pull: false,
  remove: true,
  forceRemove: false,
  buildArgs: {},
  labels: {},
  extraHosts: [],
  ulimits: [],
  squash: false,
  auth: {},
  secrets: {},
  contexts: {},
  check: false,
  secretOwners: {},
  noCacheFilter: [],
  entitlements: [],
  sshAgents: {},
  cacheSources: [],
  cacheTargets: [],
  sbom: false,
  traced: false,
}

/** An engine with a root of its own and a busybox image, which can be dropped and opened again. */
export class EngineLab {
  readonly warnings: Diagnostic[] = []
  readonly events: EventMessage[] = []
  #settings: Pick<EngineOptions, 'userNamespaces'>
  #folder: string | undefined
  #engine: Engine | undefined

  constructor(settings: Pick<EngineOptions, 'userNamespaces'> = {}) {
    this.#settings = settings
  }

  /** Made when it is first asked for: a lab whose tests are skipped leaves nothing. */
  get folder(): string {
    this.#folder ??= mkdtempSync('/var/tmp/tsce-')
    return this.#folder
  }

  get engine(): Engine {
    if (this.#engine === undefined) throw new Error('the engine is not open')
    return this.#engine
  }

  /** One more engine with the same folders. */
  openAnother(native: Native = createNative()): Promise<Engine> {
    return openEngine({
      root: join(this.folder, 'root'),
      run: join(this.folder, 'run'),
      native,
      ...this.#settings,
      onWarning: warning => this.warnings.push(warning),
    })
  }

  async open(native?: Native): Promise<Engine> {
    this.#engine = await this.openAnother(native)
    const events = await this.#engine.system.events({ filters: {} }, new AbortController().signal)
    void (async () => {
      for await (const event of events) this.events.push(event)
    })()
    return this.#engine
  }

  /** Lets go as if the engine had been killed, and opens the next one, which may be set otherwise. */
  async reopen(
    native?: Native,
    settings: Pick<EngineOptions, 'userNamespaces'> = this.#settings,
  ): Promise<Engine> {
    this.#settings = settings
    await this.#engine?.close()
    return await this.open(native)
  }

  async buildImage(): Promise<void> {
    await this.build('bb', DOCKERFILE, {
      busybox: readFileSync('/bin/busybox'),
      passwd: 'root:x:0:0:root:/root:/bin/sh\nwww:x:33:34:www:/data:/bin/sh\n',
      group: 'root:x:0:\nwww:x:34:\nextra:x:50:www\n',
    })
  }

  /** Builds an image from a Dockerfile and executable files. */
  async build(
    tag: string,
    dockerfile: string,
    files: Readonly<Record<string, string | Buffer>>,
  ): Promise<void> {
    const context = pack()
    context.entry({ name: 'Dockerfile' }, dockerfile)
    for (const [name, bytes] of Object.entries(files)) context.entry({ name, mode: 0o755 }, bytes)
    context.finalize()
    const messages = await this.engine.build.build(
      Readable.from(context, { objectMode: false }),
      { ...BUILD, tags: [tag] },
      new AbortController().signal,
    )
    for await (const message of messages) if (message.error !== undefined) throw new Error(message.error)
  }

  /** Creates and starts. */
  async run(name: string, body: ContainerCreateRequest): Promise<string> {
    const { Id } = await this.engine.containers.create({ Image: 'bb', ...body }, { name })
    await this.engine.containers.start(Id, {})
    return Id
  }

  /** The pid of its first process, 0 where it is known to run no more. */
  async pidOf(id: string): Promise<number> {
    return (await this.engine.containers.inspect(id, { size: false })).State.Pid
  }

  /** Runs a shell line to its end; its log and exit code. */
  async sh(
    line: string,
    body: ContainerCreateRequest = {},
  ): Promise<{ readonly out: string; readonly code: number }> {
    const name = `sh${Math.random().toString(36).slice(2)}`
    const { Id } = await this.engine.containers.create(
      { Image: 'bb', Cmd: ['sh', '-c', line], HostConfig: { NetworkMode: 'none' }, ...body },
      { name },
    )
    const { result } = await this.engine.containers.wait(Id, 'next-exit', new AbortController().signal)
    await this.engine.containers.start(Id, {})
    const { StatusCode } = await result
    const out = await this.log(Id, { follow: true })
    await this.engine.containers.remove(Id, { force: false, volumes: true, link: false })
    return { out, code: StatusCode }
  }

  async log(id: string, options: Partial<LogOptions> = {}): Promise<string> {
    const stream = await this.engine.containers.logs(
      id,
      { follow: false, stdout: true, stderr: true, timestamps: false, ...options },
      new AbortController().signal,
    )
    const chunks: Uint8Array[] = []
    for await (const records of stream.records) for (const record of records) chunks.push(record.bytes)
    return Buffer.concat(chunks).toString()
  }

  /** Runs a shell line, or a command, in a running container. */
  async exec(
    id: string,
    command: string | readonly string[],
    user?: string,
  ): Promise<{ readonly out: string; readonly code: number }> {
    const { Id } = await this.engine.exec.create(id, {
      Cmd: typeof command === 'string' ? ['sh', '-c', command] : command,
      AttachStdout: true,
      AttachStderr: true,
      ...(user === undefined ? {} : { User: user }),
    })
    const session = await this.engine.exec.start(Id, { tty: false })
    let out = ''
    for await (const frame of session.output) out += Buffer.from(frame.bytes).toString()
    const { ExitCode } = await this.engine.exec.inspect(Id)
    return { out, code: ExitCode ?? -1 }
  }

  /** Removes every container, network and volume; used after each test. */
  async clear(): Promise<void> {
    const { containers, networks, volumes } = this.engine
    for (const { Id } of await containers.list({ all: true, size: false, filters: {} }))
      await containers.remove(Id, { force: true, volumes: true, link: false })
    await networks.prune({})
    await volumes.prune({ all: ['true'] })
  }

  async close(): Promise<void> {
    if (this.#engine !== undefined) {
      await this.clear()
      await this.#engine.close()
    }
    rmSync(this.folder, { recursive: true, force: true })
  }
}
