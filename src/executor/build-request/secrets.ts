import { readFile } from 'node:fs/promises'
import type { BuildSecretOwner } from '../../api/types/index.ts'
import { compact } from '../create-request/input.ts'
import { type BuildInput, refusal } from './attribute.ts'

/** Secrets for `RUN --mount=type=secret`, by the id that the Dockerfile knows them by. Raises BUILD_SECRET_NOT_FOUND. */
export async function buildSecrets(input: BuildInput): Promise<Record<string, Uint8Array>> {
  const { operation, project } = input
  const secrets: Record<string, Uint8Array> = {}
  for (const [index, { source, target = source }] of (operation.build.secrets ?? []).entries()) {
    const secret = project?.model.secrets?.[source]
    if (secret?.file !== undefined) secrets[target] = await readFile(secret.file)
    else if (secret?.content !== undefined) secrets[target] = Buffer.from(secret.content)
    else
      throw refusal(input, {
        code: 'BUILD_SECRET_NOT_FOUND',
        at: ['secrets', index],
        summary: `build of service "${operation.serviceName}" uses secret "${source}", which has no content`,
      })
  }
  return secrets
}

/** What the file says of the owners and modes of its secrets, by the same ids. */
export function secretOwners({ operation }: BuildInput): Readonly<Record<string, BuildSecretOwner>> {
  const owners = (operation.build.secrets ?? []).map(
    ({ source, target = source, uid, gid, mode }) => [target, compact({ uid, gid, mode })] as const,
  )
  return Object.fromEntries(owners.filter(([, owner]) => Object.keys(owner).length > 0))
}
