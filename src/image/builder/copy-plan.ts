import { mkdir, writeFile } from 'node:fs/promises'
import { join, posix } from 'node:path'
import { bytesOfName, nodePath } from '../../linux/name-text.ts'
import type { MergedTree } from '../layer/merged-tree.ts'
import type { TreeItem } from '../layer/trees.ts'
import { type CopySource, copySourceOf, isUnpacked } from './copy-source.ts'
import type { CopyInstruction, Heredoc } from './dockerfile/instruction.ts'
import { type ModeChange, parseModeChange } from './mode-change.ts'
import { type Owner, resolveOwner } from './owner.ts'
import { failureAt } from './place.ts'
import { isRemote, remoteSources } from './remote-sources.ts'
import { contextRoot, folderRoot, resolveRoot } from './roots.ts'
import type { BuildRun } from './run-state.ts'
import { matchSources, type SourceMatch } from './sources.ts'
import type { StageState } from './state.ts'
import type { WordExpander } from './variables.ts'

/** COPY or ADD with everything resolved: all that its layer depends on. */
export interface CopyInputs {
  readonly keyword: 'COPY' | 'ADD'
  readonly sources: readonly CopySource[]
  /** Absolute, symlinks resolved. */
  readonly destination: string
  /** Files go into the destination under their own names. */
  readonly intoFolder: boolean
  readonly owner: Owner | undefined
  /** By --chown, which counts for what is unpacked, too. */
  readonly ownerIsGiven: boolean
  readonly mode: ModeChange | undefined
  /** With `--link`: the folders above the destination that are below already, which its layer makes as they are there. */
  readonly above: readonly FolderAbove[]
}

/** A folder that lies below, as a layer that is made without it must have it. */
export interface FolderAbove extends Owner {
  readonly path: string
  readonly mode: number
}

/** Resolves sources, destination, owner and mode of an instruction against the tree `below` it. */
export async function planCopy(
  run: BuildRun,
  state: StageState,
  below: MergedTree,
  instruction: CopyInstruction,
  expander: WordExpander,
): Promise<CopyInputs> {
  const sources = [
    ...(await heredocSources(run, instruction, expander)),
    ...(await treeSources(run, state, instruction, expander)),
    ...(await remoteSources(run, withoutVariables(instruction, expander), remotesOf(instruction, expander))),
  ]
  const written = expander.word(instruction.destination)
  const destination = await below.resolve(posix.resolve(state.workingDir, written))
  const existing = await below.find(destination)
  const asFolder = /(?:^|\/)\.?$/.test(written) || existing?.stats.isDirectory() === true
  if (!asFolder && !instruction.parents && (await countFiles(sources)) > 1)
    throw needsFolder(instruction, written)
  return {
    keyword: instruction.keyword,
    sources,
    destination,
    intoFolder: asFolder || instruction.parents,
    above: instruction.link ? await foldersAbove(below, destination) : [],
    owner: await ownerOf(below, instruction, sources, expander),
    ownerIsGiven: instruction.chown !== undefined,
    mode: modeOf(instruction, expander),
  }
}

/** What of a source goes where: a folder's content into the destination, a file beneath it or in its place. */
export function itemsOf(matches: readonly SourceMatch[], plan: CopyInputs): readonly TreeItem[] {
  return matches.map(match => ({
    from: match.path,
    to:
      match.stats.isDirectory() || !plan.intoFolder
        ? plan.destination
        : posix.join(plan.destination, match.name),
  }))
}

/** Whether the destination itself must be made a folder. */
export function makesFolder(matches: readonly SourceMatch[], plan: CopyInputs): boolean {
  return plan.intoFolder || matches.some(match => match.stats.isDirectory())
}

/** How many things need a name of their own: an archive that is unpacked needs none. */
async function countFiles(sources: readonly CopySource[]): Promise<number> {
  const archived = await Promise.all(
    sources.flatMap(source => source.matches.map(({ value }) => isUnpacked(source, value))),
  )
  return archived.filter(isArchived => !isArchived).length
}

/** Flags of what comes from elsewhere. */
function withoutVariables(instruction: CopyInstruction, expander: WordExpander): CopyInstruction {
  const { checksum: written, exclude, ...others } = instruction
  const checksum = written === undefined ? '' : expander.word(written)
  return {
    ...others,
    exclude: exclude.map(pattern => expander.word(pattern)),
    ...(checksum === '' ? {} : { checksum }),
  }
}

/** What ADD brings from elsewhere. */
function remotesOf({ keyword, sources }: CopyInstruction, expander: WordExpander): readonly string[] {
  return keyword === 'ADD' ? sources.map(source => expander.word(source)).filter(isRemote) : []
}

async function foldersAbove(below: MergedTree, destination: string): Promise<readonly FolderAbove[]> {
  const names = destination.split('/').filter(name => name !== '')
  const paths = names.map((_, index) => `/${names.slice(0, index + 1).join('/')}`)
  const found = await Promise.all(paths.map(path => below.findLink(path)))
  return found.flatMap(entry =>
    entry?.stats.isDirectory()
      ? [{ path: entry.path, mode: entry.stats.mode & 0o7777, uid: entry.stats.uid, gid: entry.stats.gid }]
      : [],
  )
}

async function treeSources(
  run: BuildRun,
  state: StageState,
  instruction: CopyInstruction,
  expander: WordExpander,
): Promise<readonly CopySource[]> {
  const { from, parents, keyword } = instruction
  const words = instruction.sources.map(source => expander.word(source))
  const patterns = keyword === 'ADD' ? words.filter(word => !isRemote(word)) : words
  if (patterns.length === 0) return []
  const root =
    from === undefined
      ? await contextRoot(run.context)
      : await resolveRoot(run, expander.word(from), state.index)
  const found = await Promise.all(patterns.map(pattern => matchSources(root.tree, pattern, parents)))
  for (const [index, matches] of found.entries()) {
    const pattern = patterns[index] ?? ''
    // Wildcards may match nothing; whoever writes a name means it.
    if (matches.length === 0 && !/[*?[]/.test(pattern)) throw missingSource(run, instruction, pattern)
  }
  const rules = { parents, exclude: instruction.exclude.map(pattern => expander.word(pattern)) }
  const unpacks = keyword === 'ADD' && (instruction.unpack ?? true)
  return [await copySourceOf(root, found.flat(), { rules, unpacks })]
}

/** `COPY <<NAME …`: each heredoc is a file of its own. */
async function heredocSources(
  run: BuildRun,
  { heredocs }: CopyInstruction,
  expander: WordExpander,
): Promise<readonly CopySource[]> {
  if (heredocs.length === 0) return []
  const folder = join(await run.lease.tempFolder(), 'heredocs')
  await mkdir(folder)
  for (const heredoc of heredocs) {
    const content = bytesOfName(contentOf(heredoc, expander))
    await writeFile(nodePath(join(folder, heredoc.name)), content, { mode: 0o644 })
  }
  const root = folderRoot(folder)
  const found = await Promise.all(heredocs.map(heredoc => matchSources(root.tree, heredoc.name)))
  return [await copySourceOf(root, found.flat())]
}

function contentOf({ content, expand }: Heredoc, expander: WordExpander): string {
  return expand ? expander.raw(content) : content
}

/** Files of a folder, which is where a client sends them, become root's; those of an image keep their owners. */
async function ownerOf(
  below: MergedTree,
  { chown }: CopyInstruction,
  sources: readonly CopySource[],
  expander: WordExpander,
): Promise<Owner | undefined> {
  if (chown !== undefined) return resolveOwner(below, expander.word(chown))
  const isSent = sources.some(({ root }) => root.value.type === 'folder')
  return isSent ? { uid: 0, gid: 0 } : undefined
}

function modeOf({ chmod, range }: CopyInstruction, expander: WordExpander): ModeChange | undefined {
  const text = chmod === undefined ? '' : expander.word(chmod)
  if (text === '') return undefined
  const change = parseModeChange(text)
  if (change !== undefined) return change
  throw failureAt(range, {
    code: 'DOCKERFILE_CHMOD',
    summary: `got --chmod=${text}, want an octal mode such as 0755, or a change such as u+x`,
  })
}

function needsFolder({ keyword, range }: CopyInstruction, written: string): Error {
  return failureAt(range, {
    code: 'COPY_DESTINATION',
    summary: `${keyword} of several sources needs a folder, got "${written}"`,
    hint: `end the destination with a slash: ${written}/`,
  })
}

function missingSource(run: BuildRun, { keyword, range, from }: CopyInstruction, pattern: string): Error {
  const ignored = from === undefined && run.context.isIgnored(pattern.replace(/^\/+/, ''))
  const place = from === undefined ? 'the build context' : `"${from}"`
  return failureAt(range, {
    code: 'COPY_SOURCE_MISSING',
    summary: `${keyword} source is not in ${place}: "/${pattern.replace(/^(\.?\/)+/, '')}": not found`,
    facts: { keyword, pattern, ...(from === undefined ? {} : { from }) },
    ...(ignored ? { hint: '.dockerignore leaves it out' } : {}),
  })
}
