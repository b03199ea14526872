import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import { type BuiltImage, documentsBeside, type ImageConfig, mergedEntries } from '../../image/index.ts'
import { bytesOfName, nodePath } from '../../linux/name-text.ts'

/**
 * What a build says of files that it gives out, as documents that stand beside them, by name: each names every file with its digest. A build that
 * was asked for none reads nothing.
 */
export async function saidBeside(
  built: BuiltImage,
  config: ImageConfig,
): Promise<ReadonlyMap<string, Buffer>> {
  const predicates = await built.said(config)
  if (predicates.length === 0) return new Map()
  const subjects: { readonly name: string; readonly digest: string }[] = []
  for await (const { kind, path, hostPath } of mergedEntries(await built.tree(config)))
    if (kind === 'file')
      subjects.push({ name: bytesOfName(path).toString('utf8'), digest: await digestOfFile(hostPath) })
  return documentsBeside(predicates, subjects)
}

async function digestOfFile(hostPath: string): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(nodePath(hostPath)), hash)
  return `sha256:${hash.digest('hex')}`
}
