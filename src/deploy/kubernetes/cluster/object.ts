/** Whose fields, by a manager's name and how it has set them (meta/v1 ManagedFieldsEntry). */
export interface ManagedFields {
  readonly manager?: string
  readonly operation?: 'Apply' | 'Update'
  readonly apiVersion?: string
  readonly time?: string
  readonly subresource?: string
  readonly fieldsV1?: OwnedFields
}

/** FieldsV1: a tree of `f:name`, `k:{"name":"x"}`, `v:"value"` and `.`. */
export interface OwnedFields {
  readonly [path: string]: OwnedFields
}

export interface OwnerReference {
  readonly kind: string
  readonly name: string
  readonly uid: string
  readonly controller?: boolean
}

/** An object as a cluster has it, of any kind. */
export interface ClusterObject {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: {
    readonly name: string
    readonly namespace?: string
    readonly uid?: string
    readonly resourceVersion?: string
    readonly generation?: number
    readonly creationTimestamp?: string
    readonly deletionTimestamp?: string
    readonly labels?: Readonly<Record<string, string>>
    readonly annotations?: Readonly<Record<string, string>>
    readonly ownerReferences?: readonly OwnerReference[]
    readonly managedFields?: readonly ManagedFields[]
  }
  readonly spec?: Readonly<Record<string, unknown>>
  readonly status?: Readonly<Record<string, unknown>>
  readonly [key: string]: unknown
}

/** Which object is meant. */
export interface ObjectRef {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: { readonly name: string; readonly namespace?: string | undefined }
}

/** `Deployment web`, as people name it, and as we do where there is one namespace. */
export function labelOf({ kind, metadata }: ObjectRef): string {
  return `${kind} ${metadata.name}`
}
