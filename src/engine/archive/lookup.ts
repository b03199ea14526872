import { failure } from '../../diagnostics/index.ts'
import { decodeFound, type Found, type Native, nativeErrorOf } from '../../native/index.ts'
import { mountView } from './view.ts'

const ROOT = 0
/** Operations of one program, which has its limit of bytes; a path has at most 4,096. */
const TOGETHER = 500

/**
 * Looks up paths in a root made of layers, top first, as overlayfs shows it, without leaving it. `follow`: a link at the end
 * too. Undefined where nothing lies. Raises PATH_LOOP.
 */
export async function lookUp(
  native: Native,
  layers: readonly string[],
  paths: readonly string[],
  follow: boolean,
): Promise<readonly (Found | undefined)[]> {
  const found: (Found | undefined)[] = []
  for (let at = 0; at < paths.length; at += TOGETHER)
    found.push(...(await lookUpSome(native, layers, paths.slice(at, at + TOGETHER), follow)))
  return found
}

async function lookUpSome(
  native: Native,
  layers: readonly string[],
  paths: readonly string[],
  follow: boolean,
): Promise<readonly (Found | undefined)[]> {
  const root = mountView(ROOT, layers)
  const lookUps = paths.map(path => ({ op: 'lookUp', slot: ROOT, path, follow }) as const)
  try {
    const { results } = await native.run({ outside: [...root, ...lookUps] })
    return paths.map((_, index) => {
      const bytes = results.get(root.length + index)
      return bytes === undefined ? undefined : decodeFound(bytes)
    })
  } catch (error) {
    const cause = nativeErrorOf(error)
    if (cause?.op?.op !== 'lookUp' || cause.errno !== 'ELOOP') throw error
    throw failure({
      code: 'PATH_LOOP',
      kind: 'invalidArgument',
      summary: `path "${cause.op.path}" leads through too many symbolic links`,
      cause: error,
    })
  }
}
