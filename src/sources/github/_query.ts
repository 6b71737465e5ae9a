/** The GraphQL texts that are sent to GitHub; the allow table passes no other. Values travel as variables beside them. */

/**
 * What a repository says of its deploys: deployments with their statuses, releases, tags, the newest commits of the main
 * line with their pull requests, and the code owners. `$whole` is false on further pages of deployments.
 */
export const HISTORY_QUERY = `query InquestHistory($owner: String!, $name: String!, $environments: [String!], $after: String, $whole: Boolean!, $until: GitTimestamp) {
  repository(owner: $owner, name: $name) {
    nameWithOwner
    deployments(first: 50, after: $after, environments: $environments, orderBy: {field: CREATED_AT, direction: DESC}) {
      pageInfo { hasNextPage endCursor }
      nodes {
        databaseId environment createdAt commitOid task description payload
        ref { name prefix }
        creator { login }
        statuses(first: 20) { nodes { state createdAt description } }
      }
    }
    releases(first: 30, orderBy: {field: CREATED_AT, direction: DESC}) @include(if: $whole) {
      nodes { databaseId name tagName publishedAt isDraft author { login } tagCommit { oid } }
    }
    refs(refPrefix: "refs/tags/", first: 50, orderBy: {field: TAG_COMMIT_DATE, direction: DESC}) @include(if: $whole) {
      nodes {
        name
        target {
          __typename oid
          ... on Commit { committedDate author { name } }
          ... on Tag { message tagger { name date } target { __typename oid ... on Commit { committedDate } } }
        }
      }
    }
    defaultBranchRef @include(if: $whole) {
      target {
        ... on Commit {
          history(first: 50, until: $until) {
            pageInfo { hasNextPage }
            nodes {
              oid committedDate messageHeadline messageBody
              author { name }
              parents(first: 2) { nodes { oid } }
              associatedPullRequests(first: 1) {
                nodes {
                  number title
                  author { login }
                  labels(first: 10) { nodes { name } }
                  files(first: 30) { pageInfo { hasNextPage } nodes { path additions deletions } }
                }
              }
            }
          }
        }
      }
    }
    ownersHere: object(expression: "HEAD:.github/CODEOWNERS") @include(if: $whole) { ... on Blob { text } }
    ownersTop: object(expression: "HEAD:CODEOWNERS") @include(if: $whole) { ... on Blob { text } }
    ownersDocs: object(expression: "HEAD:docs/CODEOWNERS") @include(if: $whole) { ... on Blob { text } }
  }
}`;

/** Who the token belongs to, for `doctor`. */
export const VIEWER_QUERY = 'query InquestViewer { viewer { login } }';

export const QUERIES: readonly string[] = [HISTORY_QUERY, VIEWER_QUERY];
