import { readFile } from 'node:fs/promises'
import { join, posix } from 'node:path'
import type { Readable } from 'node:stream'
import { errnoOf } from '../../diagnostics/index.ts'
import { type IgnoreRules, ignoreRules, type PackedEntry, packTar, walkFolder } from '../../tar/index.ts'

/** The tar of the wanted paths of a folder, folders whole, without what its `.dockerignore` names. Sorted; a path that is not there is passed over, as by dockerode. */
export async function packContext(folder: string, paths: readonly string[]): Promise<Readable> {
  const wanted = paths.map(path => posix.normalize(path).replace(/\/$/, ''))
  return packTar(entriesOf(folder, wanted, ignoreRules(await readIgnore(folder))))
}

async function* entriesOf(
  folder: string,
  wanted: readonly string[],
  rules: IgnoreRules,
): AsyncGenerator<PackedEntry> {
  const isWanted = (name: string): boolean =>
    wanted.some(path => path === '.' || name === path || name.startsWith(`${path}/`))
  const leads = (name: string): boolean => wanted.some(path => path.startsWith(`${name}/`))
  const choose = (name: string, isFolder: boolean): 'take' | 'skip' | 'prune' => {
    if (!isWanted(name)) return leads(name) ? 'skip' : 'prune'
    if (!rules.isIgnored(name)) return 'take'
    return isFolder && !rules.mayKeepIn(name) ? 'prune' : 'skip'
  }
  for await (const { entry, path } of walkFolder(folder, { choose, special: true }))
    yield { entry: { ...entry, uid: 0, gid: 0 }, content: { path } }
}

async function readIgnore(folder: string): Promise<string | undefined> {
  try {
    return await readFile(join(folder, '.dockerignore'), 'utf8')
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined
    throw error
  }
}
