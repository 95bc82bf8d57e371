/** A read replica as RDS describes it. */
export interface RdsReplica {
  /** `available`, `backing-up`, `creating`, or another word of RDS. RDS promotes none that is `backing-up`. */
  readonly status: string;
  /** What it follows: an identifier in its own Region, else an ARN. Null if it follows nothing, as after a promotion. */
  readonly source: string | null;
  /** Why RDS says that it does not replicate, in RDS's words; null where it replicates, or says nothing. */
  readonly broken: string | null;
  /** Null until it has one. */
  readonly address: { readonly host: string; readonly port: number } | null;
}

/** The read replicas of one Region. */
export interface Replicas {
  readonly region: string;
  /** Null if there is no instance of that name. */
  find(name: string): Promise<RdsReplica | null>;
}

/** How far the replica of a database has come, and what its promotion would lose. */
export interface ReplicaLag {
  readonly database: string;
  /** Its identifier in RDS. */
  readonly replica: string;
  readonly region: string;
  /**
   * Up to when it certainly has everything that the source committed, as an ISO 8601 time. What is newer would be lost, if there is
   * anything. Null where it could not be asked.
   */
  readonly completeTo: string | null;
  /** Seconds from that moment until now: at most this would be lost. */
  readonly lossSeconds: number | null;
  /** Bytes that it received and must still apply before it can take writes. They are not lost. */
  readonly unappliedBytes: number | null;
  /** The plan's RPO; null where any loss is accepted. */
  readonly targetSeconds: number | null;
  /** Whether a promotion now would lose no more than the RPO allows; null where there is no RPO to meet. */
  readonly met: boolean | null;
  /** Why a promotion now would fail, or why its loss is not known; null where neither is so. */
  readonly problem: string | null;
}
