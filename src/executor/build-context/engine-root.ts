import { realpath } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { errnoOf, failure } from '../../diagnostics/index.ts'
import type { IgnoreRules } from '../../tar/index.ts'

/**
 * The rules of a context, without the folder in which its own engine keeps what it is sent: that would be packed into itself,
 * a level deeper each time. What the rules ignore of it stays out, whatever they keep in it. Raises CONTEXT_HOLDS_ENGINE.
 * `engineRoot`: where the engine keeps its state, if that is on this machine.
 */
export async function withoutEngine(
  rules: IgnoreRules,
  folder: string,
  engineRoot: string | undefined,
): Promise<IgnoreRules> {
  const inside = engineRoot === undefined ? undefined : await pathWithin(folder, engineRoot)
  if (engineRoot === undefined || inside === undefined) return rules
  if (!rules.isIgnored(inside)) throw holdsEngine(folder, engineRoot, inside)
  const isEngines = (path: string): boolean => path === inside || path.startsWith(`${inside}/`)
  return {
    isIgnored: path => isEngines(path) || rules.isIgnored(path),
    mayKeepIn: path => !isEngines(path) && rules.mayKeepIn(path),
  }
}

/** The path of something within a folder, links followed: empty for the folder itself, undefined for what is not in it, or not there. */
async function pathWithin(folder: string, path: string): Promise<string | undefined> {
  try {
    const inside = relative(await realpath(folder), await realpath(path))
    return inside === '..' || inside.startsWith('../') ? undefined : inside
  } catch (error) {
    // No engine has been there yet.
    if (errnoOf(error) === 'ENOENT') return undefined
    throw error
  }
}

function holdsEngine(folder: string, engineRoot: string, inside: string): Error {
  const isItself = inside === ''
  return failure({
    code: 'CONTEXT_HOLDS_ENGINE',
    kind: 'invalidArgument',
    summary: `the build context "${folder}" ${isItself ? 'is' : 'holds'} the folder where its engine keeps images and contexts: "${engineRoot}"`,
    hint: isItself
      ? 'build from another folder'
      : `list "${inside}" in "${join(folder, '.dockerignore')}", or move it away with TSCOMPOSE_ROOT`,
  })
}
