import type { Descriptor } from '../../oci/descriptor.ts'
import { isDigest } from '../../oci/digest.ts'

/** A layer as a registry has it, packed: digest and size of those bytes. */
export type PackedLayer = Descriptor & { readonly mediaType: string }

/** A packed layer, and who has it. */
export interface PackedForm extends PackedLayer {
  /** `domain/path` each: where a push to the same registry can have it mounted from. */
  readonly repositories: readonly string[]
}

/** Reads a file of packed forms; a torn or foreign one is as good as none. */
export function parsePackedForms(text: string | undefined): readonly PackedForm[] {
  if (text === undefined) return []
  try {
    const { forms } = JSON.parse(text) as { readonly forms?: unknown }
    return Array.isArray(forms) ? forms.filter(isForm) : []
  } catch (error) {
    if (error instanceof SyntaxError) return []
    throw error
  }
}

/** The forms with one more, or with one more repository; the latest first. */
export function withPacked(
  forms: readonly PackedForm[],
  { digest, size, mediaType }: PackedLayer,
  repository: string,
): readonly PackedForm[] {
  const known = forms.find(form => form.digest === digest)
  const repositories = [...new Set([repository, ...(known?.repositories ?? [])])]
  return [{ digest, size, mediaType, repositories }, ...forms.filter(form => form.digest !== digest)]
}

function isForm(value: unknown): value is PackedForm {
  const { digest, size, mediaType, repositories } = (value ?? {}) as Partial<PackedForm>
  return (
    typeof digest === 'string' &&
    isDigest(digest) &&
    typeof size === 'number' &&
    typeof mediaType === 'string' &&
    Array.isArray(repositories)
  )
}
