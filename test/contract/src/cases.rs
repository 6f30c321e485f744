//! The cases, and the one table that names them all.

use futures_util::FutureExt;
use ironic_types::Microversion;

use crate::run::{Case, Needs};

mod adoption;
mod boot_from_volume;
mod connectors;
mod credentials;
mod deletion;
mod deployment;
mod documents;
mod drivers;
mod errors;
mod hardware;
mod lists;
mod locks;
mod maintenance;
mod multiple_volumes;
mod nodes;
mod patches;
mod ports;
mod power;
mod redfish;
mod states;
mod targets;
mod versions;
mod virtual_media;

/// `GROUP { case, case needs KIND, case since MINOR }`
///
/// Some behaviours changed without a version of the API: those are said to come with the version of
/// the oldest release on which they were seen, 1.96 (29.1) or 1.115 (39.0).
macro_rules! cases {
    ($($group:ident {
        $($case:ident $(needs $needs:ident)? $(since $minor:literal)?,)*
    })*) => {
        /// All cases.
        pub const CASES: &[Case] = &[$($(Case {
            group: stringify!($group),
            name: stringify!($case),
            run: |env| $group::$case(env).boxed_local(),
            needs: cases!(@needs $($needs)?),
            since: cases!(@since $($minor)?),
        },)*)*];
    };
    (@needs) => { Needs::Nothing };
    (@needs $needs:ident) => { Needs::$needs };
    (@since) => { ironic_types::FLOOR };
    (@since $minor:literal) => { Microversion::v1($minor) };
}

cases! {
    versions {
        the_root_document_says_which_versions_are_spoken,
        every_answer_says_its_version_and_which_are_spoken,
        a_version_that_is_not_spoken_is_refused_and_the_range_is_told,
        a_request_without_a_version_is_answered_in_the_oldest,
        latest_stands_for_the_newest_version,
        the_typed_client_reads_the_range,
        volumes_came_with_1_32,
        the_storage_interface_came_with_1_33,
        soft_power_and_timeouts_came_with_1_27,
        attaching_media_came_with_1_89,
        listing_media_came_with_1_93 since 93,
    }
    errors {
        every_answer_has_a_request_id,
        an_error_is_an_object_in_a_text,
        a_route_that_is_none_is_not_found_in_ironics_words,
        a_body_that_is_no_object_is_refused,
        a_text_in_place_of_an_object_is_refused_and_repeated,
        what_a_patch_could_not_change_is_repeated_in_the_refusal,
    }
    documents {
        a_node_has_these_fields,
        a_port_has_these_fields,
        a_connector_and_a_target_have_these_fields,
        what_is_created_says_where_it_is,
        what_was_changed_has_a_time,
    }
    nodes {
        a_new_node_is_in_enroll_and_nothing_is_known_of_it,
        an_interface_that_is_not_named_becomes_the_drivers_default,
        a_node_is_found_by_its_uuid_and_by_its_name,
        before_1_91_a_name_with_json_finds_the_node_without_it_first since 90,
        since_1_91_a_name_with_json_is_a_name_like_any_other since 91,
        a_name_belongs_to_one_node,
        a_uuid_belongs_to_one_node,
        an_instance_belongs_to_one_node,
        a_name_that_could_not_be_in_a_path_is_refused,
        a_driver_that_no_conductor_runs_is_refused,
        an_interface_that_is_not_enabled_is_refused,
        an_interface_that_the_driver_lacks_is_refused,
        a_field_that_is_none_is_refused,
        a_node_needs_a_driver,
        secrets_of_driver_info_are_masked_wherever_it_is_read,
        a_node_that_is_not_there_is_not_found,
        the_typed_client_reads_what_it_created,
    }
    patches {
        only_some_fields_can_be_changed,
        a_patch_changes_all_or_nothing,
        a_key_that_is_not_there_cannot_be_removed,
        a_field_without_a_value_can_be_removed_again,
        a_key_that_is_not_there_cannot_be_replaced,
        a_key_below_one_that_is_not_there_cannot_be_added,
        an_operation_is_add_replace_or_remove,
        a_path_has_letters_digits_and_dashes_only,
        an_interface_that_is_removed_becomes_the_default,
        driver_info_is_replaced_as_a_whole,
        a_patch_without_operations_changes_nothing,
        a_name_can_be_changed_and_removed,
        another_nodes_instance_cannot_be_taken,
        a_driver_that_does_not_fit_the_interfaces_is_refused,
        interfaces_change_until_the_node_is_deployed,
        all_else_changes_while_the_node_is_deployed,
        cleaning_is_switched_off_and_on,
    }
    states {
        in_enroll_only_manage_is_possible,
        in_manageable_a_node_is_provided_inspected_adopted_or_cleaned,
        in_available_a_node_is_deployed_or_managed,
        in_active_a_node_is_undeployed_or_serviced,
        manage_takes_a_node_from_enroll_and_from_available,
        a_verb_is_needed_and_nothing_else_is_known,
        steps_are_needed_for_cleaning_and_service since 87,
        the_states_document_says_what_the_node_says,
        a_change_of_state_has_a_time,
        inspection_ends_in_manageable,
        cleaning_between_deployments_ends_in_available,
        steps_that_are_asked_for_are_carried_out,
    }
    power {
        power_is_unknown_until_it_is_asked_for,
        a_machine_is_switched_on_off_and_restarted,
        soft_verbs_end_in_the_same_states,
        a_power_state_that_is_none_is_refused,
        a_timeout_is_at_least_a_second,
        a_machine_that_ignores_the_button_stays_on_and_last_error_says_why needs Machine,
        a_machine_that_went_off_by_itself_is_switched_on_again needs Machine,
    }
    maintenance {
        maintenance_has_a_reason_until_it_ends,
        maintenance_that_is_set_or_ended_again_is_no_error,
        a_node_in_maintenance_is_not_deployed,
        a_node_in_maintenance_can_be_switched_on_and_provided,
    }
    locks {
        a_node_that_is_being_verified_is_locked,
        a_locked_node_takes_no_verb,
        a_locked_node_is_not_changed,
        a_locked_node_is_not_deleted,
        a_locked_nodes_volumes_and_ports_are_not_changed_or_deleted,
        a_locked_node_gets_new_ports_connectors_and_targets,
        a_lock_is_told_apart_from_other_conflicts,
    }
    ports {
        an_address_is_kept_in_small_letters,
        an_address_belongs_to_one_port,
        an_address_that_is_none_is_refused,
        a_new_port_boots_unless_it_is_said,
        a_port_needs_a_node_that_exists,
        a_list_has_address_and_uuid_and_with_detail_all,
        ports_are_listed_by_node,
        ports_are_listed_by_address,
        details_and_fields_exclude_each_other,
        whether_a_port_boots_changes_in_manageable_only,
        an_address_does_not_change_while_deployed,
        a_port_that_is_gone_is_not_found,
    }
    connectors {
        a_type_is_any_text,
        a_type_and_an_id_belong_to_one_connector,
        a_connector_needs_a_node_that_exists_a_type_and_an_id,
        a_list_has_all_but_extra,
        a_connector_changes_only_while_the_machine_is_off,
        a_connector_stays_while_the_machine_uses_it,
        a_connector_of_a_node_that_is_not_in_use_goes_whatever_its_power since 115,
        connectors_are_listed_below_their_node,
    }
    targets {
        secrets_are_masked_wherever_properties_are_read since 96,
        a_plain_list_has_neither_properties_nor_extra,
        a_boot_index_belongs_to_one_target_of_a_node,
        a_boot_index_is_a_whole_number_and_needed,
        a_volume_type_is_any_text_and_properties_may_be_missing,
        extra_is_kept_as_it_was_given,
        a_target_needs_a_node_that_exists,
        a_target_is_created_in_resting_and_in_failed_states,
        a_target_changes_only_while_the_machine_is_off,
        a_target_stays_while_the_machine_uses_it,
        a_target_of_a_node_that_is_not_in_use_goes_whatever_its_power since 115,
        a_uuid_is_given_and_never_changed,
        a_password_is_replaced_by_its_key,
        targets_are_listed_below_their_node,
    }
    boot_from_volume {
        a_volume_with_chap_is_attached_by_the_script,
        without_a_connector_no_initiator_is_named,
        the_last_iqn_connector_names_the_initiator,
        a_deployment_needs_a_volume_to_boot_from,
        a_storage_interface_of_noop_ignores_volumes,
        without_the_capability_a_deployment_fails_after_all,
        a_capability_counts_whatever_its_value,
        a_logical_unit_must_be_a_number since 96,
        a_volume_without_credentials_is_attached_without,
        a_fibre_channel_volume_needs_its_capability,
        a_fibre_channel_volume_gets_no_script,
        a_volume_of_another_type_is_no_iscsi_volume,
        a_deployment_needs_a_kernel_and_a_ramdisk_that_nobody_reads,
        a_deployment_needs_a_port,
        a_port_that_does_not_boot_gets_no_script_and_nobody_says_so since 96,
        an_image_goes_before_the_volume,
        boot_by_http_attaches_volumes_as_well,
        a_custom_agent_deploys_to_volumes_and_a_ramdisk_does_not,
        a_boot_interface_without_ipxe_is_refused_by_validation,
        cinder_wants_an_initiator_of_its_own,
        cinder_wants_as_many_nodes_as_ports_of_fibre_channel,
        cinder_wants_the_capability_in_validation,
        without_cinder_a_node_is_neither_deployed_nor_undeployed,
    }
    multiple_volumes {
        every_portal_is_a_way_to_the_volume,
        another_volume_is_attached_after_the_first,
        another_volume_with_empty_credentials_is_attached_without,
        another_volume_without_keys_for_credentials_fails_the_deployment,
    }
    deployment {
        undeploying_removes_targets_and_keeps_connectors_and_ports,
        undeploying_clears_the_instance,
        undeploying_removes_the_script_and_switches_off,
        a_failed_deployment_keeps_targets_until_it_is_undeployed,
        a_node_is_deployed_again_to_another_volume,
        a_deployed_node_is_not_rebuilt since 96,
        a_deployed_nodes_script_does_not_follow_its_target,
        a_deployed_node_keeps_what_was_noted,
        a_redfish_machine_is_deployed_and_released needs Machine,
    }
    deletion {
        a_node_takes_its_ports_connectors_and_targets_along,
        what_a_deleted_node_had_is_free_again,
        a_node_is_deleted_before_it_is_deployed_only,
        a_node_with_an_instance_is_not_deleted,
        a_node_in_maintenance_is_deleted_whatever_it_is,
        a_node_that_is_gone_is_not_found,
    }
    adoption {
        a_machine_with_its_volume_becomes_active_with_a_script,
        without_a_volume_a_node_becomes_active_and_would_not_boot,
        without_the_capability_adoption_fails_and_may_be_tried_again,
        a_failed_adoption_leads_back_to_manageable,
        after_a_failed_adoption_a_volume_goes_whatever_the_power since 115,
        a_node_whose_adoption_failed_can_be_deleted,
        adoption_leaves_a_running_machine_alone needs Machine,
    }
    credentials {
        a_bmc_that_answers_makes_a_node_manageable needs Machine,
        wrong_credentials_lead_back_to_enroll_and_last_error_says_so needs Machine,
        a_wrong_system_leads_back_to_enroll_and_last_error_says_so needs Machine,
        an_address_that_is_missing_leads_back_to_enroll,
        a_bmc_that_refuses_connections_leads_back_to_enroll needs Time,
        a_bmc_that_has_nothing_leads_back_to_enroll,
        a_verification_that_succeeds_clears_the_error needs Machine,
    }
    virtual_media {
        media_are_attached_listed_and_detached needs Machine since 93,
        media_that_cannot_be_read_are_an_error_afterwards needs Machine since 93,
        a_device_type_is_cdrom_floppy_or_disk,
        an_image_is_read_by_http,
        a_driver_without_media_says_so_when_asked since 93,
        a_driver_without_media_fails_after_it_accepted,
    }
    redfish {
        inspection_finds_what_the_machine_has needs Machine,
        a_redfish_node_knows_the_boot_device needs Machine,
        a_virtual_media_boot_does_not_attach_volumes needs Machine,
    }
    lists {
        a_list_of_nodes_has_seven_fields,
        all_fields_that_the_planner_reads_can_be_asked_for,
        a_field_that_is_none_is_an_error,
        the_time_of_the_last_change_cannot_be_asked_for,
        secrets_are_masked_in_lists,
        a_page_says_where_the_next_one_is,
        the_link_to_the_next_page_forgets_the_filter,
        the_typed_client_reads_all_pages,
        a_marker_that_is_gone_is_not_found,
        nodes_are_listed_by_provision_state,
        nodes_are_listed_by_driver_and_by_maintenance,
        nodes_are_listed_by_instance,
        details_are_listed_on_request,
        a_filter_of_nodes_that_does_not_exist_is_refused,
    }
    drivers {
        the_enabled_drivers_are_listed_with_their_conductors,
        a_driver_says_which_interfaces_are_enabled,
        a_driver_that_is_not_enabled_is_not_found,
        the_properties_of_a_driver_are_described,
        conductors_are_listed_with_their_drivers,
        validation_judges_each_interface,
    }
    hardware {
        traits_are_set_added_and_removed,
        a_trait_is_a_known_one_or_a_custom_one,
        bios_settings_and_firmware_are_empty_at_first since 86,
        an_inventory_is_not_found_before_inspection,
        errors_are_kept_in_the_history,
        a_wanted_raid_is_kept_and_needs_disks,
        a_boot_device_is_one_of_those_supported,
        a_boot_mode_is_bios_or_uefi,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn no_case_is_named_twice() {
        let names: BTreeSet<_> = CASES.iter().map(|case| (case.group, case.name)).collect();
        assert_eq!(names.len(), CASES.len());
    }
}
