import { existsSync, readFileSync } from 'node:fs'
import { basename, dirname, resolve } from 'node:path'
import { failure } from '../../diagnostics/index.ts'
import type { Project } from '../../model/index.ts'
import { digestOf } from '../../oci/digest-of.ts'
import { parseRemote } from '../../parser/index.ts'
import type { ArtefactFile } from '../../remote/oci/publish.ts'
import { type FileReference, referencesOf, replaceReferences } from './references.ts'

/**
 * The files of a project as an artefact has them: side by side, so that those which others name have names of their own, made of
 * their content. The Compose files come first, in their order. Raises PUBLISH_UNFIT.
 */
export function gatherFiles({ configFiles, workingDir }: Project): readonly ArtefactFile[] {
  const named = new Map<string, ArtefactFile>()
  const composed = configFiles.map((path): ArtefactFile => {
    if (path === '-')
      throw unfit('a file that was read from standard input cannot be published', 'name it with -f')
    return { kind: 'compose', name: basename(path), content: rewritten(path, workingDir, named, [path]) }
  })
  const [extended, variables] = [ofKind(named, 'extended'), ofKind(named, 'variables')]
  return [...composed, ...extended, ...variables]
}

function ofKind(named: ReadonlyMap<string, ArtefactFile>, kind: ArtefactFile['kind']): ArtefactFile[] {
  return [...named.values()].filter(file => file.kind === kind)
}

/** A Compose file's text with the new names of the files that it names, which are gathered too. `within`: whose turn it is. */
function rewritten(
  path: string,
  folder: string,
  named: Map<string, ArtefactFile>,
  within: readonly string[],
): Buffer {
  const text = readFileSync(path, 'utf8')
  const names = new Map<FileReference, string>()
  for (const reference of referencesOf(text)) {
    if (parseRemote(reference.path) !== undefined) continue
    checkFit(reference, path)
    const target = resolve(folder, reference.path)
    // One that need not be there is not.
    if (!existsSync(target) || within.includes(target)) continue
    const isExtended = reference.kind === 'extends'
    const content = isExtended
      ? rewritten(target, dirname(target), named, [...within, target])
      : readFileSync(target)
    const name = `${digestOf(content).slice('sha256:'.length)}.${isExtended ? 'yaml' : 'env'}`
    named.set(name, { kind: isExtended ? 'extended' : 'variables', name, content })
    names.set(reference, name)
  }
  return Buffer.from(replaceReferences(text, names))
}

function checkFit({ kind, path: named }: FileReference, file: string): void {
  if (kind === 'include')
    throw unfit(
      `${file} includes "${named}", which is a file of this machine`,
      'name the files with -f instead, or include something remote',
    )
  if (named.includes('$'))
    throw unfit(
      `${file} names a file by a variable: "${named}"`,
      'write its name: an artefact has the file in it',
    )
}

function unfit(summary: string, hint: string): Error {
  return failure({ code: 'PUBLISH_UNFIT', kind: 'invalidArgument', summary, hint })
}
