import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { copyFile, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import {
  compileIsolated,
  type Host,
  observeHost,
  type RuntimeMount,
} from '../../../src/engine/runtime/index.ts'
import {
  type BuildEvent,
  type BuildOptions,
  type BuildResult,
  build,
  type CommandRunner,
  type ImageStore,
  nativeTrees,
  openImageStore,
  type RunMount,
} from '../../../src/image/index.ts'
import { createNative, type Native } from '../../../src/native/index.ts'

const PRIVATE = { kind: 'private' } as const

/** Busybox, linked statically, as every test image's only program. */
const BUSYBOX = ['/bin/busybox', '/usr/bin/busybox'].find(path => existsSync(path)) ?? '/bin/busybox'

/** A store and a builder on the real native program, in a folder of their own. */
export interface ImageLab {
  readonly folder: string
  readonly engineId: string
  readonly store: ImageStore
  readonly events: readonly BuildEvent[]
  /** Builds a Dockerfile whose context is busybox and some files; `BASE` in it is a stage with a shell. */
  build(dockerfile: string, options?: Partial<BuildOptions> & LabBuild): Promise<BuildResult>
  /** Standard output of a command in a throw-away container of an image. */
  run(image: string, ...argv: readonly string[]): Promise<string>
  remove(): Promise<void>
}

export interface LabBuild {
  readonly files?: Readonly<Record<string, string>>
}

/** First lines of a Dockerfile whose stages can run commands. */
export const BASE =
  'FROM scratch AS base\nCOPY busybox /bin/\nRUN ["/bin/busybox", "--install", "-s", "/bin"]\n'

/** Makes a lab, or joins the one of another process by its folder and engine id. */
export async function makeImageLab(joined?: {
  readonly folder: string
  readonly engineId: string
}): Promise<ImageLab> {
  const folder = joined?.folder ?? (await mkdtemp('/var/tmp/tscompose-image-'))
  const engineId = joined?.engineId ?? randomBytes(3).toString('hex')
  const native = createNative()
  const store = await openImageStore({ root: join(folder, 'images'), trees: nativeTrees(native) })
  const host = observeHost({ engineId })
  const runner = foregroundRunner(native, host)
  const events: BuildEvent[] = []
  let contexts = 0
  return {
    folder,
    engineId,
    store,
    events,
    build: async (dockerfile, { files = {}, ...options } = {}) => {
      contexts += 1
      const path = join(folder, `context-${process.pid}-${contexts}`)
      await writeContext(path, { Dockerfile: dockerfile, ...files })
      events.length = 0
      const onEvent = (event: BuildEvent): void => {
        events.push(event)
      }
      const context = { type: 'folder', path } as const
      return build({
        store,
        runner,
        trees: nativeTrees(native),
        context,
        onEvent,
        network: 'none',
        ...options,
      })
    },
    run: (image, ...argv) => runOnce(store, runner, folder, image, argv),
    remove: async () => {
      for (const id of host.cgroups.list()) await host.cgroups.remove(id)
      host.cgroups.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

async function writeContext(folder: string, files: Readonly<Record<string, string>>): Promise<void> {
  await mkdir(folder)
  await copyFile(BUSYBOX, join(folder, 'busybox'))
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true })
    await writeFile(join(folder, path), content)
  }
}

/** The engine's way to run a RUN, without its networks. */
function foregroundRunner(native: Native, host: Host): CommandRunner {
  return {
    run: async request => {
      const id = randomBytes(32).toString('hex')
      host.cgroups.ensure(id, {})
      try {
        const program = compileIsolated(
          {
            id,
            hostname: request.hostname,
            root: { layers: request.layers, upper: request.upper, work: request.work },
            mounts: request.mounts.map(runtimeMount),
            etc: {},
            process: {
              argv: request.argv,
              env: request.env,
              cwd: request.cwd,
              user: { uid: Number(request.user === '' ? 0 : request.user), gid: 0, groups: [] },
            },
            network: { setup: [], supervise: [] },
            namespaces: {
              ...{ pid: PRIVATE, ipc: PRIVATE, uts: PRIVATE, cgroup: PRIVATE },
              net: { kind: request.network === 'host' ? 'host' : 'private' },
            },
            security: request.privileged ? { privileged: true } : {},
            limits: {},
          },
          host,
        )
        const { onOutput, signal } = request
        return await native.runForeground(program, { onOutput, ...(signal === undefined ? {} : { signal }) })
      } finally {
        await host.cgroups.remove(id)
      }
    },
  }
}

function runtimeMount(mount: RunMount): RuntimeMount {
  switch (mount.type) {
    case 'bind':
      return { kind: 'bind', source: mount.source, target: mount.target, readonly: mount.readonly }
    case 'layers':
      return {
        kind: 'image',
        layers: mount.layers,
        subpath: mount.path,
        target: mount.target,
        ...(mount.changes === undefined ? {} : { changes: mount.changes }),
      }
    case 'tmpfs':
      return { kind: 'tmpfs', target: mount.target }
  }
}

async function runOnce(
  store: ImageStore,
  runner: CommandRunner,
  folder: string,
  image: string,
  argv: readonly string[],
): Promise<string> {
  const scratch = await mkdtemp(join(folder, 'run-'))
  const [upper, work] = [join(scratch, 'upper'), join(scratch, 'work')]
  await mkdir(upper)
  await mkdir(work)
  let output = ''
  const { config } = await store.inspect(image)
  const { exitCode } = await runner.run({
    layers: await store.layersOf(image),
    upper,
    work,
    argv,
    env: config.Env ?? [],
    cwd: '/',
    user: '',
    mounts: [],
    network: 'none',
    privileged: false,
    hostname: 'test',
    extraHosts: [],
    ulimits: [],
    onOutput: (_, chunk) => {
      output += Buffer.from(chunk).toString('utf8')
    },
  })
  if (exitCode !== 0) throw new Error(`${argv.join(' ')} ended with ${exitCode}: ${output}`)
  return output.trim()
}

/** Names in a folder of the store. */
export function storeFiles(store: ImageStore, folder: string): Promise<readonly string[]> {
  return readdir(join(store.root, folder))
}
