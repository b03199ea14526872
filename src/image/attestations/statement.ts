import { hexOf } from '../../oci/digest.ts'
import { PROVENANCE, type Predicate, SPDX } from './predicate.ts'

const STATEMENT = 'https://in-toto.io/Statement/v1'

/** What a predicate is about: an image by its package URL, or a file by its path. */
export interface Subject {
  readonly name: string
  readonly digest: string
}

/** A predicate of some subjects as a statement of in-toto, https://github.com/in-toto/attestation/blob/main/spec/v1/statement.md. */
export function statementOf({ type, bytes }: Predicate, subjects: readonly Subject[]): object {
  return {
    _type: STATEMENT,
    subject: subjects.map(({ name, digest }) => ({ name, digest: { sha256: hexOf(digest) } })),
    predicateType: type,
    predicate: JSON.parse(Buffer.from(bytes).toString('utf8')) as unknown,
  }
}

/** What BuildKit calls the files. */
const FILES: ReadonlyMap<string, string> = new Map([
  [PROVENANCE, 'provenance.json'],
  [SPDX, 'sbom.spdx.json'],
])

/** The files that stand beside those that a build gives out, and say where these come from; by their names. */
export function documentsBeside(
  predicates: readonly Predicate[],
  subjects: readonly Subject[],
): ReadonlyMap<string, Buffer> {
  return new Map(
    predicates.flatMap(predicate => {
      const name = FILES.get(predicate.type)
      const text = JSON.stringify(statementOf(predicate, subjects), undefined, 2)
      return name === undefined ? [] : [[name, Buffer.from(text)] as const]
    }),
  )
}
