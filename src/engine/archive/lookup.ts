import { failure } from '../../diagnostics/index.ts'
import { decodeFound, type Found, type Native, nativeErrorOf, type OutsideOp } from '../../native/index.ts'
import { ROOT } from './location.ts'

/** Operations of one program, which has its limit of bytes; a path has at most 4,096. */
const TOGETHER = 500

/**
 * Looks up paths in the root that `open` puts into the slot `ROOT`, without leaving it. `follow`: a link at the end too. Undefined where nothing lies. Raises PATH_LOOP.
 */
export async function lookUp(
  native: Native,
  open: readonly OutsideOp[],
  paths: readonly string[],
  follow: boolean,
): Promise<readonly (Found | undefined)[]> {
  const found: (Found | undefined)[] = []
  for (let at = 0; at < paths.length; at += TOGETHER)
    found.push(...(await lookUpSome(native, open, paths.slice(at, at + TOGETHER), follow)))
  return found
}

async function lookUpSome(
  native: Native,
  open: readonly OutsideOp[],
  paths: readonly string[],
  follow: boolean,
): Promise<readonly (Found | undefined)[]> {
  const lookUps = paths.map(path => ({ op: 'lookUp', slot: ROOT, path, follow }) as const)
  try {
    const { results } = await native.run({ outside: [...open, ...lookUps] })
    return paths.map((_, index) => {
      const bytes = results.get(open.length + index)
      return bytes === undefined ? undefined : decodeFound(bytes)
    })
  } catch (error) {
    const cause = nativeErrorOf(error)
    // The source of a mount that is not there holds nothing.
    if (cause?.op?.op === 'open' && /^(ENOENT|ENOTDIR)$/.test(cause.errno)) return paths.map(() => undefined)
    if (cause?.op?.op !== 'lookUp' || cause.errno !== 'ELOOP') throw error
    throw failure({
      code: 'PATH_LOOP',
      kind: 'invalidArgument',
      summary: `path "${cause.op.path}" leads through too many symbolic links`,
      cause: error,
    })
  }
}
