import { execFileSync } from 'node:child_process'
import { copyFile, mkdir, readFile, readlink, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { nodePath } from '../../linux/name-text.ts'
import { memoryFolder } from '../../linux/testing/memory-folder.ts'
import type { TreeSink } from '../../tar/index.ts'
import { folderSink } from '../../tar/testing/folder-sink.ts'
import type { BuildEvent } from '../builder/event.ts'
import { build } from '../builder/lazy.ts'
import type { BuildOptions, BuildResult } from '../builder/options.ts'
import type { CommandRunner, RunRequest } from '../builder/runner.ts'
import type { TreeCopy, TreeOperations, TreeUnpack } from '../layer/trees.ts'
import { openImageStore } from '../open.ts'
import type { ImageStore, ImageStoreOptions } from '../store/types.ts'

/** Files of a tree: path → content, or `{ link }`. */
export type Tree = Readonly<Record<string, string | { readonly link: string }>>

/** A folder for one test, removed by `remove`. */
export interface Scratch {
  readonly folder: string
  remove(): Promise<void>
}

export async function makeScratch(): Promise<Scratch> {
  const folder = memoryFolder('tscompose-image-')
  return { folder, remove: () => rm(folder, { recursive: true, force: true }) }
}

/** Writes a tree into a folder. */
export async function writeTree(folder: string, tree: Tree): Promise<void> {
  await mkdir(folder, { recursive: true })
  for (const [path, content] of Object.entries(tree)) {
    await mkdir(dirname(join(folder, path)), { recursive: true })
    if (typeof content === 'string') await writeFile(join(folder, path), content)
    else await symlink(content.link, join(folder, path))
  }
}

/** Copies by Node, without an overlay: owners are recorded, not set. Sources may be layers that do not hide each other. */
export class FakeTrees implements TreeOperations {
  readonly requests: TreeCopy[] = []
  /** Folders whose filesystems were waited for. */
  readonly synced: string[] = []

  async sync(folder: string): Promise<void> {
    this.synced.push(folder)
  }

  async copy(request: TreeCopy): Promise<void> {
    this.requests.push(request)
    for (const folder of request.folders) await mkdir(join(request.upper, folder), { recursive: true })
    for (const { from, to } of request.items) {
      const source = await this.#locate(request, from)
      await mkdir(dirname(join(request.upper, to)), { recursive: true })
      const target = join(request.upper, to)
      // Names need not be UTF-8, which Node's cp and its arguments of programs are.
      if ((await stat(nodePath(source))).isFile()) await copyFile(nodePath(source), nodePath(target))
      else execFileSync('cp', ['-aT', source, target])
    }
  }

  async unpack({ root, path }: TreeUnpack, fill: (sink: TreeSink) => Promise<void>): Promise<void> {
    await fill(folderSink(root.type === 'folder' ? root.folder : root.upper, path))
  }

  async #locate({ source }: TreeCopy, path: string): Promise<string> {
    const folders = source === undefined ? [] : source.type === 'folder' ? [source.folder] : source.layers
    for (const folder of folders) {
      const found = await stat(nodePath(join(folder, path))).catch(() => undefined)
      if (found !== undefined) return join(folder, path)
    }
    throw new Error(`nothing at ${path}`)
  }
}

/**
 * A runner whose command language is the last word of argv, line by line: `write PATH CONTENT`, `link PATH TARGET`,
 * `say TEXT`, `fail CODE`.
 */
class FakeRunner implements CommandRunner {
  readonly requests: RunRequest[] = []

  async run(request: RunRequest): Promise<{ exitCode: number }> {
    this.requests.push(request)
    for (const line of (request.argv.at(-1) ?? '').split('\n')) {
      const [verb, first = '', ...rest] = line.trim().split(' ')
      const path = join(request.upper, first)
      if (verb === 'write') {
        await mkdir(dirname(path), { recursive: true })
        await writeFile(path, rest.join(' '))
      }
      if (verb === 'link') await symlink(rest.join(' '), path)
      if (verb === 'say') request.onOutput('stdout', Buffer.from(`${[first, ...rest].join(' ')}\n`))
      if (verb === 'fail') return { exitCode: Number(first) }
    }
    return { exitCode: 0 }
  }
}

/** A store and a builder on fakes in a folder of their own. */
export interface Lab {
  readonly folder: string
  readonly store: ImageStore
  readonly trees: FakeTrees
  readonly runner: FakeRunner
  readonly events: BuildEvent[]
  build(dockerfile: string, options?: Partial<BuildOptions> & { readonly files?: Tree }): Promise<BuildResult>
  /** Content of a file in an image. */
  read(image: string, path: string): Promise<string | undefined>
  remove(): Promise<void>
}

export async function makeLab(storeOptions: Partial<ImageStoreOptions> = {}): Promise<Lab> {
  const scratch = await makeScratch()
  const store = await openImageStore({ root: join(scratch.folder, 'images'), sources: [], ...storeOptions })
  const trees = new FakeTrees()
  const runner = new FakeRunner()
  const events: BuildEvent[] = []
  let contexts = 0
  return {
    folder: scratch.folder,
    store,
    trees,
    runner,
    events,
    build: async (dockerfile, { files = {}, ...options } = {}) => {
      contexts += 1
      const path = join(scratch.folder, `context-${contexts}`)
      await writeTree(path, { Dockerfile: dockerfile, ...files })
      events.length = 0
      const context = { type: 'folder', path } as const
      return build({ store, trees, runner, context, onEvent: event => events.push(event), ...options })
    },
    read: async (image, path) => {
      for (const layer of await store.layersOf(image)) {
        const file = join(layer, path)
        const found = await stat(file).catch(() => undefined)
        if (found?.isFile()) return readFile(file, 'utf8')
        const link = await readlink(file).catch(() => undefined)
        if (link !== undefined) return `-> ${link}`
      }
      return undefined
    },
    remove: scratch.remove,
  }
}
