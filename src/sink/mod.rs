//! Writers of annotations.
