import { mkdir, rename, rmdir } from 'node:fs/promises'
import { join } from 'node:path'
import { basename } from 'node:path/posix'
import { isChecksum } from '../transfer/fetch-url.ts'
import { fetchKept } from '../transfer/kept-downloads.ts'
import { type CopySource, copySourceOf } from './copy-source.ts'
import type { CopyInstruction } from './dockerfile/instruction.ts'
import { checkOut, commitOf, type GitSource, gitSourceOf } from './git-source.ts'
import { noteMaterial } from './materials.ts'
import { failureAt } from './place.ts'
import { folderRoot } from './roots.ts'
import type { BuildRun } from './run-state.ts'
import { matchSources } from './sources.ts'
import { Keyed } from './step-key.ts'

/** Name of a file whose address has none. */
const UNNAMED = '__unnamed__'

/** Whether a source of ADD is an address: a file behind http, or a git repository. */
export function isRemote(source: string): boolean {
  return /^https?:\/\//.test(source) || gitSourceOf(source, false) !== undefined
}

/** Brings what ADD names from elsewhere. A repository comes when its layer is made: its commit says what it is. */
export async function remoteSources(
  run: BuildRun,
  instruction: CopyInstruction,
  addresses: readonly string[],
): Promise<readonly CopySource[]> {
  checkChecksum(instruction, addresses)
  const sources: CopySource[] = []
  for (const address of addresses) {
    const git = gitSourceOf(address, instruction.keepGitDir)
    sources.push(
      git === undefined
        ? await fileSource(run, instruction, address)
        : await repositorySource(run, instruction, git),
    )
  }
  return sources
}

async function fileSource(run: BuildRun, instruction: CopyInstruction, address: string): Promise<CopySource> {
  const { checksum, unpack = false } = instruction
  const { signal } = run.options
  const folder = await run.lease.tempFolder()
  const { digest, mtime, ...answer } = await fetchKept(address, {
    // A name that no RUN --mount=type=cache can have.
    folder: await run.lease.cacheMount(`\0download ${address}`),
    onAsk: () => run.emit({ type: 'status', status: `Downloading ${address}` }),
    path: join(folder, UNNAMED),
    ...(checksum === undefined ? {} : { checksum }),
    ...(signal === undefined ? {} : { signal }),
  })
  noteMaterial(run, address, 'sha256', digest.replace('sha256:', ''))
  const name = nameOf(address) ?? answer.name ?? UNNAMED
  if (name !== UNNAMED) await rename(join(folder, UNNAMED), join(folder, name))
  const root = folderRoot(folder)
  const source = await copySourceOf(root, await matchSources(root.tree, escaped(name)), { unpacks: unpack })
  const identity = JSON.stringify([name, digest, mtime])
  return { ...source, matches: source.matches.map(({ value }) => Keyed.by(identity, value)) }
}

/** The last part of the address's path. */
function nameOf(address: string): string | undefined {
  const name = basename(decodeURIComponent(new URL(address).pathname))
  return name === '' || name === '.' || name === '..' || name.includes('/') ? undefined : name
}

/** A name as a pattern that means itself. */
function escaped(name: string): string {
  return name.replace(/[*?[\]\\]/g, '\\$&')
}

async function repositorySource(
  run: BuildRun,
  instruction: CopyInstruction,
  source: GitSource,
): Promise<CopySource> {
  const { signal } = run.options
  const commit = await commitOf(source, signal)
  noteMaterial(run, source.url, 'gitCommit', commit)
  const { checksum } = instruction
  if (checksum !== undefined && !commit.startsWith(checksum))
    throw failureAt(instruction.range, {
      code: 'CHECKSUM_MISMATCH',
      summary: `"${source.url}" is at another commit than it should`,
      detail: `got ${commit}, want ${checksum}`,
    })
  const folder = join(await run.lease.tempFolder(), 'repository')
  await mkdir(folder)
  const root = folderRoot(folder)
  const bring = async (): Promise<void> => {
    run.emit({ type: 'status', status: `Fetching ${source.url} at ${commit}` })
    await rmdir(folder)
    await checkOut(source, commit, folder, signal)
  }
  if (instruction.exclude.length > 0) {
    await bring()
    const rules = { parents: false, exclude: instruction.exclude }
    return copySourceOf(root, await matchSources(root.tree, '/'), { rules })
  }
  const copied = await copySourceOf(root, await matchSources(root.tree, '/'))
  const identity = JSON.stringify(['git', source.url, commit, source.folder, source.keepGitDir])
  const matches = copied.matches.map(({ value }) => Keyed.by(identity, value))
  return { ...copied, matches, bring: Keyed.never(bring) }
}

function checkChecksum({ checksum, range, sources }: CopyInstruction, addresses: readonly string[]): void {
  if (checksum === undefined) return
  if (addresses.length !== 1 || sources.length !== 1)
    throw failureAt(range, {
      code: 'DOCKERFILE_CHECKSUM',
      summary: '--checksum is for one source, from an address',
    })
  const isFine = gitSourceOf(addresses[0] ?? '', false)
    ? /^[0-9a-f]{7,64}$/.test(checksum)
    : isChecksum(checksum)
  if (!isFine)
    throw failureAt(range, {
      code: 'DOCKERFILE_CHECKSUM',
      summary: `got --checksum=${checksum}, want sha256:<64 hex digits>, or a commit for a repository`,
    })
}
