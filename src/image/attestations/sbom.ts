import { createHash } from 'node:crypto'
import type { MergedTree } from '../layer/merged-tree.ts'
import { findPackages } from './packages/find-packages.ts'
import type { FoundPackage } from './packages/package.ts'
import { type Predicate, SPDX } from './predicate.ts'

/** The image that packages are listed of. */
export interface ListedImage {
  /** Digest of its config. */
  readonly id: string
  /** As people know it. */
  readonly name: string
  /** RFC 3339. */
  readonly created: string
  readonly tree: MergedTree
}

const IMAGE = 'SPDXRef-Image'
const UNKNOWN = 'NOASSERTION'

/** The packages in an image as an SPDX document (https://spdx.github.io/spdx-spec/v2.3/); the same for the same image. */
export async function sbomOf({ id, name, created, tree }: ListedImage): Promise<Predicate> {
  const { packages, hasRpm } = await findPackages(tree)
  const listed = packages.map(each => ({ id: idOf(each), ...each }))
  const document = {
    spdxVersion: 'SPDX-2.3',
    dataLicense: 'CC0-1.0',
    SPDXID: 'SPDXRef-DOCUMENT',
    name,
    documentNamespace: `urn:tscompose:sbom:${id}`,
    creationInfo: { created: `${created.slice(0, 19)}Z`, creators: ['Tool: tscompose'] },
    ...(hasRpm
      ? { comment: 'The image has packages of rpm, whose list is not read: they are missing here.' }
      : {}),
    packages: [
      {
        SPDXID: IMAGE,
        name,
        versionInfo: id,
        primaryPackagePurpose: 'CONTAINER',
        downloadLocation: UNKNOWN,
        filesAnalyzed: false,
      },
      ...listed.map(spdxPackage),
    ],
    relationships: [
      { spdxElementId: 'SPDXRef-DOCUMENT', relationshipType: 'DESCRIBES', relatedSpdxElement: IMAGE },
      ...listed.map(each => ({
        spdxElementId: IMAGE,
        relationshipType: 'CONTAINS',
        relatedSpdxElement: each.id,
      })),
    ],
  }
  return { type: SPDX, bytes: Buffer.from(JSON.stringify(document)) }
}

function spdxPackage({ id, name, version, purl, source }: FoundPackage & { readonly id: string }): object {
  return {
    SPDXID: id,
    name,
    versionInfo: version,
    downloadLocation: UNKNOWN,
    filesAnalyzed: false,
    licenseConcluded: UNKNOWN,
    licenseDeclared: UNKNOWN,
    copyrightText: UNKNOWN,
    sourceInfo: `listed in ${source}`,
    externalRefs: [{ referenceCategory: 'PACKAGE-MANAGER', referenceType: 'purl', referenceLocator: purl }],
  }
}

/** Letters, digits, dots and dashes are all that an SPDX identifier may have. */
function idOf({ name, purl, source }: FoundPackage): string {
  const unique = createHash('sha256').update(`${purl} ${source}`).digest('hex').slice(0, 16)
  return `SPDXRef-Package-${name.replace(/[^A-Za-z0-9.-]/g, '-')}-${unique}`
}
