//! The article: what a source makes and everything else reads.

/// One news article. The owner of its text: everything later on the line points into `body` by spans.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Article {
    /// The name of the article, from its record or made from its place.
    pub id: String,
    /// The headline, if the source has one. It is not part of the body.
    pub title: Option<String>,
    /// The text, kept byte for byte.
    pub body: String,
    /// The date of publication, as the source writes it.
    pub published: Option<String>,
    /// The paper, agency or site.
    pub outlet: Option<String>,
    /// The address of the article.
    pub url: Option<String>,
    /// Where it was read.
    pub place: Place,
}

/// Where a record was read: the path as given, and its number in that file, from 0.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The path as the user gave it, or `-` for standard input.
    pub path: String,
    /// The number of the record in that file, from 0. In a file of lines: the line, blank ones counted.
    pub record: u64,
    /// Where it begins, in bytes, if that can be told. In JSON Lines the byte of the line, in the file as it is unpacked. In a web archive
    /// what an index (CDX) has: the byte of the record, or, of a .gz with a member for each record, the byte of its member as stored.
    pub offset: Option<u64>,
}
