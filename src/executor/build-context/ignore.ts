import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import dockerignore, { type Ignore } from '@balena/dockerignore'
import { errnoOf } from '../../diagnostics/index.ts'

/** What of a context is sent. */
export interface IgnoreRules {
  /** `path` with `/`, relative to the context. */
  isIgnored(path: string): boolean
  /** True if nothing below an ignored folder can be wanted after all: then it need not even be listed. */
  readonly isPrunable: boolean
}

/**
 * Rules of `<Dockerfile>.dockerignore` if there is one, else of `.dockerignore`. The Dockerfile itself and the ignore file
 * are sent in any case: the engine needs them.
 */
export async function readIgnoreRules(context: string, dockerfile: string | undefined): Promise<IgnoreRules> {
  const own = dockerfile === undefined ? undefined : await textOf(join(context, `${dockerfile}.dockerignore`))
  const text = own ?? (await textOf(join(context, '.dockerignore'))) ?? ''
  const rules: Ignore = dockerignore.default().add(text)
  const kept = new Set(['.dockerignore', ...(dockerfile === undefined ? [] : [dockerfile])])
  return {
    isIgnored: path => !kept.has(path) && rules.ignores(path),
    isPrunable: !/^\s*!/m.test(text) && !isBelowAnything(dockerfile),
  }
}

/** A Dockerfile in a folder may lie in one that is ignored. */
function isBelowAnything(dockerfile: string | undefined): boolean {
  return dockerfile?.includes('/') === true
}

async function textOf(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined
    throw error
  }
}
