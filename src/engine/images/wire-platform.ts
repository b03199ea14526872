import { failure } from '../../diagnostics/index.ts'
import { type Platform, parsePlatform } from '../../oci/platform.ts'

/** The platform of a query: JSON with the fields of OCI's, as the API has it. Raises PLATFORM_INVALID. */
export function wirePlatform(text: string): Platform {
  const { os, architecture, variant } = fieldsOf(text)
  const words = [os, architecture, variant].filter(word => word !== undefined && word !== '')
  if (typeof os === 'string' && words.every(word => typeof word === 'string'))
    return parsePlatform(words.join('/'))
  throw failure({
    kind: 'invalidArgument',
    code: 'PLATFORM_INVALID',
    summary: `platform ${JSON.stringify(text)} is invalid`,
    hint: 'write it as {"os": "linux", "architecture": "arm64"}',
  })
}

function fieldsOf(text: string): Readonly<Record<string, unknown>> {
  try {
    return (JSON.parse(text) ?? {}) as Readonly<Record<string, unknown>>
  } catch (error) {
    if (error instanceof SyntaxError) return {}
    throw error
  }
}
