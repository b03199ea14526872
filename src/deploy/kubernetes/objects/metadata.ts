export type Texts = Readonly<Record<string, string>>

/** Amounts as Kubernetes writes them: `500m`, `512Mi`. */
export type Quantities = Texts

export interface Metadata {
  readonly name: string
  readonly namespace?: string
  readonly labels: Texts
  readonly annotations?: Texts
}

/** Which pods are meant: those that have all these labels. */
export interface Selector {
  readonly matchLabels?: Texts
}
