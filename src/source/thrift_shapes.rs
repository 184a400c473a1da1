//! The structures in a Parquet file's heads of pages and its table of contents, as the format defines them (parquet.thrift).
//!
//! All are here that the library knows in these two places. It reads no index of pages and no bloom filter, so theirs are not.

/// What a field holds.
#[derive(Clone, Copy)]
pub(super) enum Shape {
    Flag,
    Byte,
    Short,
    Int,
    Long,
    Double,
    /// Bytes or text.
    Bytes,
    List(&'static Self),
    Struct(Fields),
}

/// The fields of a structure with their numbers. A union is a structure with one of its fields, an enumeration an `Int`.
pub(super) type Fields = &'static [(i16, Shape)];

use Shape::{Byte, Bytes, Double, Flag, Int, List, Long, Short, Struct};

/// The head of a page.
pub(super) const PAGE: Fields = &[
    (1, Int),                     // type
    (2, Int),                     // uncompressed_page_size
    (3, Int),                     // compressed_page_size
    (4, Int),                     // crc
    (5, Struct(DATA_PAGE)),       // data_page_header
    (6, Struct(&[])),             // index_page_header
    (7, Struct(DICTIONARY_PAGE)), // dictionary_page_header
    (8, Struct(DATA_PAGE_V2)),    // data_page_header_v2
];

const DATA_PAGE: Fields = &[
    (1, Int),                // num_values
    (2, Int),                // encoding
    (3, Int),                // definition_level_encoding
    (4, Int),                // repetition_level_encoding
    (5, Struct(STATISTICS)), // statistics
];

const DICTIONARY_PAGE: Fields = &[
    (1, Int),  // num_values
    (2, Int),  // encoding
    (3, Flag), // is_sorted
];

pub(super) const DATA_PAGE_V2: Fields = &[
    (1, Int),                // num_values
    (2, Int),                // num_nulls
    (3, Int),                // num_rows
    (4, Int),                // encoding
    (5, Int),                // definition_levels_byte_length
    (6, Int),                // repetition_levels_byte_length
    (7, Flag),               // is_compressed
    (8, Struct(STATISTICS)), // statistics
];

const STATISTICS: Fields = &[
    (1, Bytes), // max
    (2, Bytes), // min
    (3, Long),  // null_count
    (4, Long),  // distinct_count
    (5, Bytes), // max_value
    (6, Bytes), // min_value
    (7, Flag),  // is_max_value_exact
    (8, Flag),  // is_min_value_exact
    (9, Long),  // nan_count
];

/// The table of contents.
pub(super) const FILE: Fields = &[
    (1, Int),                                           // version
    (2, List(&Struct(SCHEMA_ELEMENT))),                 // schema
    (3, Long),                                          // num_rows
    (4, List(&Struct(ROW_GROUP))),                      // row_groups
    (5, List(&Struct(KEY_VALUE))),                      // key_value_metadata
    (6, Bytes),                                         // created_by
    (7, List(&Struct(COLUMN_ORDER))),                   // column_orders
    (8, Struct(&[(1, Struct(AES)), (2, Struct(AES))])), // encryption_algorithm: AES_GCM_V1, AES_GCM_CTR_V1
    (9, Bytes),                                         // footer_signing_key_metadata
];

pub(super) const SCHEMA_ELEMENT: Fields = &[
    (1, Int),                   // type
    (2, Int),                   // type_length
    (3, Int),                   // repetition_type
    (4, Bytes),                 // name
    (5, Int),                   // num_children
    (6, Int),                   // converted_type
    (7, Int),                   // scale
    (8, Int),                   // precision
    (9, Int),                   // field_id
    (10, Struct(LOGICAL_TYPE)), // logicalType
];

const LOGICAL_TYPE: Fields = &[
    (1, Struct(&[])),                      // STRING
    (2, Struct(&[])),                      // MAP
    (3, Struct(&[])),                      // LIST
    (4, Struct(&[])),                      // ENUM
    (5, Struct(&[(1, Int), (2, Int)])),    // DECIMAL: scale, precision
    (6, Struct(&[])),                      // DATE
    (7, Struct(TIME)),                     // TIME
    (8, Struct(TIME)),                     // TIMESTAMP
    (10, Struct(&[(1, Byte), (2, Flag)])), // INTEGER: bitWidth, isSigned
    (11, Struct(&[])),                     // UNKNOWN
    (12, Struct(&[])),                     // JSON
    (13, Struct(&[])),                     // BSON
    (14, Struct(&[])),                     // UUID
    (15, Struct(&[])),                     // FLOAT16
    (16, Struct(&[(1, Byte)])),            // VARIANT: specification_version
    (17, Struct(&[(1, Bytes)])),           // GEOMETRY: crs
    (18, Struct(&[(1, Bytes), (2, Int)])), // GEOGRAPHY: crs, algorithm
    (19, Struct(&[])),                     // FILE
];

const TIME: Fields = &[
    (1, Flag),              // isAdjustedToUTC
    (2, Struct(TIME_UNIT)), // unit
];

const TIME_UNIT: Fields = &[
    (1, Struct(&[])), // MILLIS
    (2, Struct(&[])), // MICROS
    (3, Struct(&[])), // NANOS
];

const ROW_GROUP: Fields = &[
    (1, List(&Struct(COLUMN_CHUNK))),   // columns
    (2, Long),                          // total_byte_size
    (3, Long),                          // num_rows
    (4, List(&Struct(SORTING_COLUMN))), // sorting_columns
    (5, Long),                          // file_offset
    (6, Long),                          // total_compressed_size
    (7, Short),                         // ordinal
];

const COLUMN_CHUNK: Fields = &[
    (1, Bytes),                 // file_path
    (2, Long),                  // file_offset
    (3, Struct(COLUMN)),        // meta_data
    (4, Long),                  // offset_index_offset
    (5, Int),                   // offset_index_length
    (6, Long),                  // column_index_offset
    (7, Int),                   // column_index_length
    (8, Struct(COLUMN_CRYPTO)), // crypto_metadata
    (9, Bytes),                 // encrypted_column_metadata
];

const COLUMN: Fields = &[
    (1, Int),                            // type
    (2, List(&Int)),                     // encodings
    (3, List(&Bytes)),                   // path_in_schema
    (4, Int),                            // codec
    (5, Long),                           // num_values
    (6, Long),                           // total_uncompressed_size
    (7, Long),                           // total_compressed_size
    (8, List(&Struct(KEY_VALUE))),       // key_value_metadata
    (9, Long),                           // data_page_offset
    (10, Long),                          // index_page_offset
    (11, Long),                          // dictionary_page_offset
    (12, Struct(STATISTICS)),            // statistics
    (13, List(&Struct(ENCODING_STATS))), // encoding_stats
    (14, Long),                          // bloom_filter_offset
    (15, Int),                           // bloom_filter_length
    (16, Struct(SIZE_STATISTICS)),       // size_statistics
    (17, Struct(GEOSPATIAL_STATISTICS)), // geospatial_statistics
];

const ENCODING_STATS: Fields = &[
    (1, Int), // page_type
    (2, Int), // encoding
    (3, Int), // count
];

const SIZE_STATISTICS: Fields = &[
    (1, Long),        // unencoded_byte_array_data_bytes
    (2, List(&Long)), // repetition_level_histogram
    (3, List(&Long)), // definition_level_histogram
];

const GEOSPATIAL_STATISTICS: Fields = &[
    (1, Struct(BOUNDING_BOX)), // bbox
    (2, List(&Int)),           // geospatial_types
];

const BOUNDING_BOX: Fields = &[
    (1, Double), // xmin
    (2, Double), // xmax
    (3, Double), // ymin
    (4, Double), // ymax
    (5, Double), // zmin
    (6, Double), // zmax
    (7, Double), // mmin
    (8, Double), // mmax
];

const KEY_VALUE: Fields = &[
    (1, Bytes), // key
    (2, Bytes), // value
];

const SORTING_COLUMN: Fields = &[
    (1, Int),  // column_idx
    (2, Flag), // descending
    (3, Flag), // nulls_first
];

const COLUMN_ORDER: Fields = &[
    (1, Struct(&[])), // TYPE_ORDER
    (2, Struct(&[])), // IEEE_754_TOTAL_ORDER
    (3, Struct(&[])), // INT96_TIMESTAMP_ORDER
];

const COLUMN_CRYPTO: Fields = &[
    (1, Struct(&[])),                              // ENCRYPTION_WITH_FOOTER_KEY
    (2, Struct(&[(1, List(&Bytes)), (2, Bytes)])), // ENCRYPTION_WITH_COLUMN_KEY: path_in_schema, key_metadata
];

const AES: Fields = &[
    (1, Bytes), // aad_prefix
    (2, Bytes), // aad_file_unique
    (3, Flag),  // supply_aad_prefix
];
