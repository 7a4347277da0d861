# What runs once a source, an array or a file, and where small code matters more than fast code. What touches every chunk,
# row or byte is not here: decoders, readers, parsers.
set(headrace_cold
  component_writer.cpp element_folder.cpp folder_passes.cpp folder_positions.cpp folder_store.cpp folder_sweep.cpp
  folder_writer.cpp from_csv.cpp from_fixed_records.cpp from_hdf5.cpp from_image_folder.cpp from_npy.cpp from_npz.cpp
  input_files.cpp list_files.cpp load.cpp manifest.cpp npy.cpp operation.cpp operations.cpp part_file.cpp
  part_folder.cpp read_hdf5.cpp save.cpp snapshot.cpp stages.cpp structure_json.cpp write_csv.cpp write_hdf5.cpp
  write_npy.cpp csv/row_errors.cpp csv/table.cpp csv/table_dtypes.cpp hdf5/array_info.cpp hdf5/compound_types.cpp
  hdf5/leaves.cpp hdf5/links.cpp hdf5/members.cpp hdf5/names.cpp hdf5/new_arrays.cpp hdf5/number_types.cpp
  hdf5/other_dtype.cpp hdf5/output.cpp hdf5/samples.cpp hdf5/selection.cpp hdf5/sources.cpp hdf5/stored_types.cpp
  hdf5/types.cpp hdf5/user_block.cpp hdf5/utf8.cpp hdf5/values.cpp hdf5/whole_array.cpp npy/format.cpp npy/head.cpp
  npy/part.cpp npy/python_literal.cpp npy/zip_directory.cpp)
